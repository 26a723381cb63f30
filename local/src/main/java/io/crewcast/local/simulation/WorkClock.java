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
  private static final int LONG_DAY_EXTRA_MINUTES = 120;
  private static final double LONG_DAY_SHARE = 0.12;

  private final int dayMinutes;
  private final SplittableRandom random;
  private final Deque<Spell> lastWeek = new ArrayDeque<>();
  private Instant now;
  private int workedToday;
  private int todayAtMost;

  /** Work done without a break. */
  record Spell(Instant start, Instant end, int minutes, int overtimeMinutes) {}

  /**
   * A clock that stands at a time of a working day, of which no minute is worked yet.
   *
   * @param dayMinutes worked on a usual day
   */
  WorkClock(Instant now, int dayMinutes, SplittableRandom random) {
    this.now = now;
    this.dayMinutes = dayMinutes;
    this.todayAtMost = dayMinutes;
    this.random = random;
  }

  /** A clock that stands at the beginning of the next working day from then on. */
  static WorkClock fromMorning(Instant start, int dayMinutes, SplittableRandom random) {
    WorkClock clock = new WorkClock(start, dayMinutes, random);
    clock.startDay(LocalDate.ofInstant(start, ZoneOffset.UTC));
    return clock;
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
    int overtime = Math.min(spent, Math.max(0, workedToday + spent - dayMinutes));
    workedToday += spent;
    Spell spell = new Spell(start, now, spent, overtime);
    lastWeek.addLast(spell);
    now = now.plus(random.nextInt(20), ChronoUnit.MINUTES);
    return spell;
  }

  /** When so many minutes are worked off. */
  Instant workOff(int minutes) {
    int left = minutes;
    Instant end = now;
    while (left > 0) {
      Spell spell = work(left);
      left -= spell.minutes();
      end = spell.end();
    }
    return end;
  }

  void pause(double days) {
    pauseUntil(now.plusSeconds((long) (days * 86_400)));
  }

  /** Goes on with the day when that is the same day, else the day begins anew. */
  void pauseUntil(Instant later) {
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
    todayAtMost =
        random.nextDouble() < LONG_DAY_SHARE ? dayMinutes + LONG_DAY_EXTRA_MINUTES : dayMinutes;
  }
}
