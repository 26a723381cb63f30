package io.crewcast.local.demo;

import io.crewcast.local.ingest.Replay;
import io.crewcast.local.ingest.Speed;
import io.crewcast.local.scoring.Handover;
import io.crewcast.local.scoring.ScoringRun;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.Topic;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The part of the events that is scored live: as fast as it goes, and in the end at a steady pace.
 */
record LivePart(DemoStack demo, EventStream events, ScoringRun job) {

  private static final double PACE = 1000;

  private static final Map<String, String> SETTINGS =
      Map.of(
          "execution.checkpointing.interval", "10 min",
          "pipeline.auto-watermark-interval", "100 ms");

  private static final String DRIFT = "5 d";

  /**
   * A partition that waits for its turn is not left behind for so long: what it then adds would
   * come after its time, and be missing in features that are scored meanwhile.
   */
  private static final String IDLENESS = "5 s";

  /** Another job takes half of the machine. */
  private static final String IDLENESS_BESIDE_A_TRIAL = "10 s";

  /** Starts the live job and waits until it has taken over. */
  static LivePart start(DemoStack demo, EventStream events, String jar, Handover handover)
      throws Exception {
    long records = demo.topics().records(Topic.WORK_EVENTS);
    ScoringRun[] started = new ScoringRun[1];
    demo.stages()
        .run(
            "go live",
            records,
            bar -> {
              ScoringRun job =
                  handover.goLive(
                      demo.flink(),
                      jar,
                      options(demo, events),
                      run -> run.withParallelism(DemoStack.PARALLELISM).with(SETTINGS),
                      DemoStack.SHORT_PATIENCE);
              started[0] = job;
              job.awaitSettled(records, bar::stepTo, DemoStack.SHORT_PATIENCE);
              return "the live job starts from the backfill's savepoint";
            });
    return new LivePart(demo, events, started[0]);
  }

  private static Map<String, String> options(DemoStack demo, EventStream events) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("mode", "live");
    options.put("delivery", "at-least-once");
    options.put("predict-from", events.liveFrom().toString());
    options.put("redis", demo.servers().redisUri().toString());
    options.put("models", demo.options().models().toString());
    options.put("max-drift", DRIFT);
    options.put("idleness", demo.options().isTrial() ? IDLENESS_BESIDE_A_TRIAL : IDLENESS);
    return demo.scoring(options);
  }

  /** Returns how many events a second went through, from the first to the last prediction. */
  long replay() throws Exception {
    TopicEnds topics = demo.topics();
    long[] rate = new long[1];
    demo.stages()
        .run(
            "replay",
            events.replayed(),
            bar -> {
              long settled = topics.records(Topic.WORK_EVENTS);
              Instant start = Instant.now();
              Replay.Progress sent =
                  demo.replay(events.replayedRange(), new Speed.Max(), events.published(), bar);
              job.awaitSettled(
                  topics.records(Topic.WORK_EVENTS),
                  all -> bar.stepTo(all - settled),
                  DemoStack.PATIENCE);
              Duration took = Duration.between(start, topics.newest(Topic.PREDICTIONS));
              rate[0] = Math.round(1e3 * sent.events() / Math.max(1, took.toMillis()));
              return "%,d events through Kafka, features, scores and back: %,d a second"
                  .formatted(sent.events(), rate[0]);
            });
    return rate[0];
  }

  /**
   * Returns when the steady part began.
   *
   * @param published what becomes of its events
   */
  Instant pace(UnaryOperator<WorkEvent> published) throws Exception {
    Instant start = Instant.now();
    demo.stages()
        .run(
            "pace",
            events.paced(),
            bar -> {
              Replay.Progress sent =
                  demo.replay(events.pacedRange(), new Speed.PerSecond(PACE), published, bar);
              job.awaitSettled(
                  demo.topics().records(Topic.WORK_EVENTS), settled -> {}, DemoStack.PATIENCE);
              return "%,d events at %,.0f a second, to measure latency"
                  .formatted(sent.events(), PACE);
            });
    return start;
  }
}
