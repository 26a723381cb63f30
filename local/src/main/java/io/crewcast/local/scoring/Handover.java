package io.crewcast.local.scoring;

import io.crewcast.local.scoring.ScoringRun.Counters;
import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.FlinkClient.Run;
import io.crewcast.local.stack.StackException;
import java.time.Duration;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;

/**
 * What a backfill leaves to the live job that goes on from it.
 *
 * @param counted what the backfill did
 * @param savepoint where its state lies
 */
public record Handover(Counters counted, String savepoint) {

  /**
   * Waits until a job in mode {@code backfill_then_live} has caught up, and stops it.
   *
   * @param ends of each partition, the offset after the last event that it has to read
   * @param onProgress told how many records are settled
   * @throws StackException saying what still runs, if it does not catch up or gives no savepoint
   */
  public static Handover of(
      ScoringRun backfill, Map<Integer, Long> ends, LongConsumer onProgress, Duration limit) {
    Counters counted = backfill.awaitCaughtUp(ends, onProgress, limit);
    try {
      return new Handover(counted, backfill.job().stopWithSavepoint(limit));
    } catch (StackException e) {
      throw new StackException(
          "The backfill has caught up but gives no savepoint: %s. It is %s: see %s; once it can, stop it with a savepoint and start the live job from that"
              .formatted(e.getMessage(), backfill.job().state(), backfill.job().page()),
          e);
    }
  }

  /**
   * Starts the live job and waits until it runs.
   *
   * @param jar id of the uploaded jar
   * @param options the live job's own; group and lake are those of the backfill
   * @throws StackException naming the savepoint, if it does not run
   */
  public ScoringRun goLive(
      FlinkClient flink,
      String jar,
      Map<String, String> options,
      UnaryOperator<Run> how,
      Duration limit) {
    ScoringRun live = null;
    try {
      live = ScoringRun.start(flink, jar, options, counted, run -> how.apply(run).from(savepoint));
      live.job().awaitRunning(limit);
      return live;
    } catch (StackException e) {
      if (live != null) {
        live.job().cancel(); // or it would run beside the one that is started in its place
      }
      throw new StackException(
          "The backfill is done, but the live job does not run and is not kept: %s. Once that is mended, start it from the backfill's savepoint: ./crewcast submit --from-savepoint %s ScoringJob %s"
              .formatted(
                  e.getMessage(), savepoint, String.join(" ", ScoringRun.arguments(options))),
          e);
    }
  }
}
