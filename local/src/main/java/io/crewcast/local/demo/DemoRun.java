package io.crewcast.local.demo;

import io.crewcast.local.ingest.BrokenFile;
import io.crewcast.local.ingest.CsvImport;
import io.crewcast.local.ingest.EventFile;
import io.crewcast.local.ingest.ImportAccount;
import io.crewcast.local.ingest.Mapping;
import io.crewcast.local.scoring.Handover;
import io.crewcast.local.simulation.Simulation;
import io.crewcast.local.simulation.SimulationOptions;
import io.crewcast.local.stack.LocalStack;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.sinks.kafka.Topics;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * From nothing to live predictions and an account of them, on a running stack: events are made; the
 * first part is published, backfilled and learned from; the live job takes over and is sent the
 * rest, in the end at a steady pace; then all of it is reckoned up.
 */
public final class DemoRun {
  /** The model that is told about. */
  static final String MODEL = "task_overrun";

  /** Of the job that scores and of the one that watches it. */
  public static final int SLOTS = DemoStack.PARALLELISM + 1;

  private DemoRun() {}

  /**
   * What came of a run.
   *
   * @param sound every record is accounted for, every feature is as recomputed, and a scenario
   *     ended as it should
   * @param job the page of the live job, which still runs
   * @param worker company and id of one that has features
   */
  public record Result(Summary summary, boolean sound, String job, List<String> worker) {}

  /**
   * Runs all stages; the live job is left running.
   *
   * @param starting the stack, which may start while the events are made
   */
  public static Result run(DemoOptions options, Future<LocalStack> starting, Stages stages)
      throws Exception {
    EventStream events = makeEvents(options, stages);
    stages.run("stack", -1, bar -> "dashboard " + starting.get().flink().dashboard());
    LocalStack servers = starting.get();
    Topics.create(servers.bootstrapServers(), List.of(Topic.values()));
    try (TopicEnds topics = new TopicEnds(servers.bootstrapServers())) {
      Scenario scenario = options.scenario();
      return scenario == null || !scenario.isTrial()
          ? run(new DemoStack(options, servers, stages, topics), events, null)
          : run(
              new DemoStack(
                  options.with(TrialFile.write(options, events.liveFrom())),
                  servers,
                  stages,
                  topics),
              events,
              scenario);
    }
  }

  /**
   * Runs what needs the stack.
   *
   * @param tried what goes wrong with a second version; null where none is tried
   */
  private static Result run(DemoStack demo, EventStream events, @Nullable Scenario tried)
      throws Exception {
    String jar = demo.flink().upload(demo.options().jar());
    LearnedPart learned = new LearnedPart(demo, events);
    learned.publish();
    Handover handover = learned.backfill(jar);
    ModelSpec spec = learned.train();
    try (Trial trial = tried == null ? null : Trial.begin(tried, demo, learned, spec, jar)) {
      LivePart live = LivePart.start(demo, events, jar, handover);
      long eventsPerSecond = live.replay();
      if (trial != null) {
        trial.awaitSteered();
      }
      Instant pacedSince =
          live.pace(trial == null ? events.published() : Redating.toNow(InstantSource.system()));
      return new Reckoning(demo, live, trial, spec).of(jar, eventsPerSecond, pacedSince);
    }
  }

  private static EventStream makeEvents(DemoOptions options, Stages stages) throws Exception {
    Path data = options.data();
    String mapping = options.mapping();
    Scenario scenario = options.scenario();
    if (data == null || mapping == null) {
      stages.run("simulate", -1, bar -> simulate(options));
    } else {
      stages.run(
          "import",
          -1,
          bar -> {
            ImportAccount account =
                CsvImport.run(
                    Mapping.read(Mapping.find(mapping, options.definitions()), data),
                    options.file(),
                    options.directory().resolve("rejects.jsonl"),
                    bar::step);
            return "%,d events from %,d rows, %,d rejected"
                .formatted(account.events(), account.rowsIn(), account.rejected());
          });
    }
    double learned = scenario == null ? EventStream.LEARNED_SHARE : scenario.learnedShare();
    EventStream events = EventStream.of(options.file(), options.split(), learned);
    return scenario != null && scenario.isTrial() ? events.upTo(Instant.now()) : events;
  }

  private static String simulate(DemoOptions options) throws IOException {
    Simulation.Outcome made = Simulation.run(SimulationOptions.of(1, options.events()));
    List<WorkEvent> events =
        options.scenario() == null ? made.events() : options.scenario().happenTo(made.events());
    EventFile.write(options.file(), events);
    BrokenFile.write(BrokenFile.beside(options.file()), made.broken());
    return "%,d events of work that never was, and %,d broken records"
        .formatted(events.size(), made.broken().size());
  }
}
