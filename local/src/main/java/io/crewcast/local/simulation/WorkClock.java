package io.crewcast.local.simulation;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;

/**
 * Where a worker's time stands: works on weekdays from about eight, some days longer, and remembers
 * the last seven days.
 */
final class WorkClock {
  private static final int DAY_MINUTES = 480;
  private static final int LONG_DAY_MINUTES = 600;
  private static final double LONG_DAY_SHARE = 0.12;

  private final SplittableRandom random;
  private final Deque<Spell> lastWeek = new ArrayDeque<>();
  private Instant now;
  private int workedToday;
  private int todayAtMost = DAY_MINUTES;

  /** Work done without a break. */
  record Spell(Instant start, Instant end, int minutes, int overtimeMinutes) {}

  WorkClock(Instant start, SplittableRandom random) {
    this.random = random;
    this.now = start;
    startDay(LocalDate.ofInstant(start, ZoneOffset.UTC));
  }

  Instant now() {
    return now;
  }

  /** Works up to that many minutes, fewer when the day ends before. */
  Spell work(int minutes) {
    if (workedToday >= todayAtMost) {
      startDay(LocalDate.ofInstant(now, ZoneOffset.UTC).plusDays(1));
    }
    int spent = Math.min(minutes, todayAtMost - workedToday);
    Instant start = now;
    now = now.plus(spent, ChronoUnit.MINUTES);
    int overtime = Math.min(spent, Math.max(0, workedToday + spent - DAY_MINUTES));
    workedToday += spent;
    Spell spell = new Spell(start, now, spent, overtime);
    lastWeek.addLast(spell);
    now = now.plus(random.nextInt(20), ChronoUnit.MINUTES);
    return spell;
  }

  void pause(double days) {
    Instant later = now.plusSeconds((long) (days * 86_400));
    LocalDate day = LocalDate.ofInstant(later, ZoneOffset.UTC);
    if (day.isAfter(LocalDate.ofInstant(now, ZoneOffset.UTC))) {
      startDay(day);
    }
  }

  double hoursInLastWeek() {
    Instant weekAgo = now.minus(7, ChronoUnit.DAYS);
    while (!lastWeek.isEmpty() && lastWeek.peekFirst().end().isBefore(weekAgo)) {
      lastWeek.removeFirst();
    }
    return lastWeek.stream().mapToInt(Spell::minutes).sum() / 60.0;
  }

  private void startDay(LocalDate day) {
    LocalDate workday = day;
    while (workday.getDayOfWeek() == DayOfWeek.SATURDAY
        || workday.getDayOfWeek() == DayOfWeek.SUNDAY) {
      workday = workday.plusDays(1);
    }
    now =
        workday
            .atTime(LocalTime.of(7, 30))
            .toInstant(ZoneOffset.UTC)
            .plus(random.nextInt(90), ChronoUnit.MINUTES);
    workedToday = 0;
    todayAtMost = random.nextDouble() < LONG_DAY_SHARE ? LONG_DAY_MINUTES : DAY_MINUTES;
  }
}
