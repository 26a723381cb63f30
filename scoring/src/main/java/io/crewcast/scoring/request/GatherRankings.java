package io.crewcast.scoring.request;

import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.Ranking;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.state.PendingRanking;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.ScoredChange;
import io.crewcast.scoring.model.ModelSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the scores of a request's candidates and answers with one ranking: when all have come, or
 * at the model's deadline with what there is then. Keyed by {@link #KEY}.
 *
 * <p>The deadline runs by the clock from when {@link FanOut} let the request go. A backfill waits
 * for all.
 */
public final class GatherRankings extends KeyedProcessFunction<String, ScoredChange, Ranking> {

  /** A request that is asked anew, corrected, is another one. */
  public static final KeySelector<ScoredChange, String> KEY =
      scored -> FactKind.factKey(event(scored)) + '\u0001' + scored.getChange().getEventId();

  /** How long it is remembered that a request was answered without all. */
  private static final Duration REMEMBERED = Duration.ofHours(1);

  private final Map<String, ModelSpec> models;
  private final boolean waitsForAll;
  private final @Nullable Instant predictFrom;

  private transient ValueState<PendingRanking> state;
  private transient Counter rankings;
  private transient Counter partial;
  private transient Counter late;

  /**
   * @param waitsForAll whether there is no deadline
   * @param predictFrom requests recorded before it are not answered; null: all are
   */
  @SuppressWarnings("NullAway.Init") // transient fields are set in open()
  public GatherRankings(
      List<ModelSpec> models, boolean waitsForAll, @Nullable Instant predictFrom) {
    this.models = models.stream().collect(Collectors.toMap(ModelSpec::name, Function.identity()));
    this.waitsForAll = waitsForAll;
    this.predictFrom = predictFrom;
  }

  /**
   * Whether it answers a request with several candidates. Those pass the scorers of other kinds of
   * entities too, unanswered.
   */
  public static boolean answersRanking(ScoredChange scored) {
    Fact applied = scored.getChange().getApplied();
    return applied != null
        && !scored.getPredictions().isEmpty()
        && applied.getEvent().getPayload() instanceof PredictionRequested request
        && request.getEntities().size() > 1;
  }

  private static WorkEvent event(ScoredChange scored) {
    Change change = scored.getChange();
    return (change.getApplied() == null ? change.getRetracted() : change.getApplied()).getEvent();
  }

  @Override
  public void open(OpenContext context) {
    state =
        getRuntimeContext()
            .getState(
                new ValueStateDescriptor<>("ranking", new AvroTypeInfo<>(PendingRanking.class)));
    var metrics = getRuntimeContext().getMetricGroup();
    rankings = metrics.counter("rankings");
    partial = metrics.counter("partialRankings");
    late = metrics.counter("lateAnswers");
  }

  @Override
  public void processElement(ScoredChange scored, Context context, Collector<Ranking> out)
      throws Exception {
    WorkEvent event = event(scored);
    PredictionRequested request = (PredictionRequested) event.getPayload();
    ModelSpec model = models.get(request.getModel());
    if (model == null // another job serves it
        || (predictFrom != null && event.getRecordedAt().isBefore(predictFrom))) {
      return;
    }
    PendingRanking pending = state.value();
    if (pending == null) {
      pending = new PendingRanking(new ArrayList<>(), event, 0L, false, false);
      if (!waitsForAll) {
        arm(pending, model.serve().deadline(), context);
      }
    }
    boolean isRequest = scored.getPredictions().isEmpty();
    if (pending.getAnswered()) {
      late.inc(scored.getPredictions().size());
      if (isRequest && pending.getTimer() == 0) {
        state.clear(); // all came before it
      }
      return;
    }
    pending.setRequested(pending.getRequested() || isRequest);
    List<Prediction> answers = new ArrayList<>(pending.getAnswers());
    answers.addAll(scored.getPredictions());
    pending.setAnswers(answers);
    if (answers.size() < request.getEntities().size()) {
      state.update(pending);
      return;
    }
    if (pending.getTimer() != 0) {
      context.timerService().deleteProcessingTimeTimer(pending.getTimer());
    }
    answer(pending, context, out);
    if (pending.getRequested()) {
      state.clear();
      return;
    }
    pending.setAnswered(true); // the request itself came another way and would ask once more
    pending.setAnswers(List.of());
    pending.setTimer(0L);
    state.update(pending);
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Ranking> out)
      throws Exception {
    PendingRanking pending = state.value();
    if (pending == null || pending.getAnswered()) {
      state.clear();
      return;
    }
    answer(pending, context, out);
    pending.setAnswered(true);
    pending.setAnswers(List.of());
    arm(pending, REMEMBERED, context);
    state.update(pending);
  }

  private static void arm(PendingRanking pending, Duration after, Context context) {
    long at = context.timerService().currentProcessingTime() + after.toMillis();
    context.timerService().registerProcessingTimeTimer(at);
    pending.setTimer(at);
  }

  private void answer(PendingRanking pending, Context context, Collector<Ranking> out) {
    PredictionRequested request = (PredictionRequested) pending.getRequest().getPayload();
    ModelSpec model = models.get(request.getModel());
    if (model == null) {
      return;
    }
    Ranking ranking = RankedAnswers.of(model, pending.getRequest(), pending.getAnswers());
    ranking.setScoredAt(Instant.ofEpochMilli(context.timerService().currentProcessingTime()));
    rankings.inc();
    if (ranking.getPartial()) {
      partial.inc();
    }
    out.collect(ranking);
  }
}
