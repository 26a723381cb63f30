package io.crewcast.local.simulation;

import io.crewcast.schemas.TimeEntry;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Writes time entries, and does to them what their sources do: they come late, are corrected to
 * another worker or project, are voided.
 */
final class TimeCards {
  private static final int LONGEST_SPELL_MINUTES = 240;

  private final SimulationOptions options;
  private final Chronicle chronicle;
  private int entries;

  TimeCards(SimulationOptions options, Chronicle chronicle) {
    this.options = options;
    this.chronicle = chronicle;
  }

  /** Works off minutes of a task, an entry a spell, and says when that was. */
  Instant log(Desk desk, TaskPlan plan, int minutes) {
    int left = minutes;
    Instant end = desk.clock.now();
    while (left > 0) {
      int spell = LONGEST_SPELL_MINUTES / 3 + desk.random.nextInt(LONGEST_SPELL_MINUTES * 2 / 3);
      WorkClock.Spell worked = desk.clock.work(Math.min(left, spell));
      entry(desk, plan, desk.worker.id(), desk.crew.id(), worked);
      left -= worked.minutes();
      end = worked.end();
    }
    return end;
  }

  /** An entry of a worker, who need not be the one at the desk. */
  void entry(
      Desk desk, TaskPlan plan, String worker, @Nullable String crew, WorkClock.Spell spell) {
    SplittableRandom chance = desk.random;
    String id = "entry-" + ++entries;
    TimeEntry entry =
        TimeEntry.newBuilder()
            .setTimeEntryId(id)
            .setWorkerId(worker)
            .setProjectId(plan.project().id)
            .setCrewId(crew)
            .setTaskId(plan.id())
            .setMinutes(spell.minutes())
            .setOvertimeMinutes(spell.overtimeMinutes())
            .setBreakMinutes(chance.nextInt(4) == 0 ? chance.nextInt(30) : 0)
            .setCostCents(spell.minutes() * 125L + spell.overtimeMinutes() * 60L)
            .setPhase(plan.phase().label())
            .setCostCode(costCode(plan))
            .build();
    boolean late = chance.nextDouble() < options.lateShare();
    Instant recorded =
        late
            ? spell.end().plusSeconds(3600 + (long) (chance.nextDouble() * 7 * 86_400))
            : recorded(spell.end(), chance);
    chronicle.tell(desk.company, id + "-1", spell.end(), recorded, entry);
    if (chance.nextDouble() < options.correctionShare()) {
      Instant corrected = recorded.plusSeconds(1800 + (long) (chance.nextDouble() * 10 * 86_400));
      chronicle.tell(desk.company, id + "-2", spell.end(), corrected, corrected(desk, entry));
    } else if (chance.nextDouble() < options.voidShare()) {
      // Half of them soon enough that a disordered replay brings the void before what it voids.
      long seconds =
          chance.nextBoolean() ? 60 + chance.nextInt(900) : 3600 + chance.nextInt(5 * 86_400);
      chronicle.takeBack(
          desk.company, id + "-void", spell.end(), recorded.plusSeconds(seconds), entry);
    }
  }

  private static String costCode(TaskPlan plan) {
    return plan.project().id.replace("project-", "") + '.' + (plan.phase().ordinal() + 1) + '0';
  }

  private static TimeEntry corrected(Desk desk, TimeEntry entry) {
    SplittableRandom chance = desk.random;
    TimeEntry.Builder corrected = TimeEntry.newBuilder(entry);
    double kind = chance.nextDouble();
    if (kind < 0.4) {
      long minutes = Math.max(1, entry.getMinutes() + 15L * (chance.nextInt(9) - 4));
      return corrected
          .setMinutes(minutes)
          .setOvertimeMinutes(Math.min(minutes, entry.getOvertimeMinutes()))
          .build();
    }
    if (kind < 0.8) {
      List<World.Worker> crew = desk.crew.workers();
      corrected.setWorkerId(crew.get(chance.nextInt(crew.size())).id());
    }
    if (kind >= 0.6) {
      int number = 1 + chance.nextInt(desk.company.projects());
      corrected.setProjectId("project-" + number).setTaskId(null);
    }
    return corrected.build();
  }

  /** Sources know of most things within ten minutes. */
  static Instant recorded(Instant occurred, SplittableRandom chance) {
    return occurred.plusSeconds(chance.nextInt(600));
  }
}
