package io.crewcast.scoring.operator;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.AlertSeverity;
import io.crewcast.schemas.Contribution;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.scoring.experiment.Assignment;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.Situation;
import io.crewcast.scoring.operator.ModelAlerts.Trouble;
import io.crewcast.scoring.operator.ServedVersions.Ready;
import io.crewcast.scoring.operator.ServedVersions.Refusal;
import io.crewcast.scoring.rollout.Lineup;
import io.crewcast.scoring.rollout.Lineup.Slot;
import io.crewcast.scoring.serving.Answer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;

/** Makes the predictions of one model in one task, and says what is wrong with its versions. */
final class ModelAnswers {

  private static final String SERVED = "served";
  private static final String TASK = ".task-";

  private final EntityType entity;
  private final ModelSpec spec;
  private final Set<EntityType> owners;
  private final ServedVersions versions;
  private final Supplier<Instant> clock;
  private final Counter predictions;
  private final Counter shadows;
  private final Counter fallbacks;
  private final Counter cutOffs;
  private final Counter unaware;
  private final Histogram scoreNanos;

  private final ModelAlerts alerts = new ModelAlerts();

  ModelAnswers(
      EntityType entity, ServedVersions versions, MetricGroup metrics, Supplier<Instant> clock) {
    this.entity = entity;
    this.spec = versions.spec();
    this.owners = spec.owners();
    this.versions = versions;
    this.clock = clock;
    MetricGroup model = metrics.addGroup("model", spec.name());
    predictions = model.counter("predictions");
    shadows = model.counter("shadowPredictions");
    fallbacks = model.counter("fallbacks");
    cutOffs = model.counter("cutOffs");
    model.gauge("refusedVersions", (Gauge<Integer>) versions::refused);
    unaware = model.counter("answersBeforeRollouts");
    scoreNanos = model.histogram("scoreNanos", new RecentNanos());
    model.gauge(
        "championVersion",
        (Gauge<Integer>) () -> versions.last() == null ? 0 : versions.last().champion());
  }

  ModelSpec spec() {
    return spec;
  }

  ServedVersions versions() {
    return versions;
  }

  /** Counts an answer that was given though rollouts may have come that are not known. */
  void answersUnaware() {
    unaware.inc();
  }

  void flush() {
    versions.ready().forEach(ready -> ready.scorer().flush());
  }

  /** A prediction that has all but its answer, and whom to ask for that. */
  final class Question {
    private final Prediction prediction;
    private final Object[] values;
    private final Situation situation;
    private final @Nullable Ready ready;
    private boolean silent;

    private Question(
        Prediction prediction, Object[] values, Situation situation, @Nullable Ready ready) {
      this.prediction = prediction;
      this.values = values;
      this.situation = situation;
      this.ready = ready;
    }

    Prediction prediction() {
      return prediction;
    }

    /** True of a shadow that was cut off or failed: nobody answers in its place. */
    boolean isSilent() {
      return silent;
    }

    /**
     * Fills the answer in.
     *
     * @param answered called once that is done: now, or at a flush
     */
    void ask(Runnable answered) {
      if (ready == null) {
        fallBack();
        answered.run();
        return;
      }
      long start = System.nanoTime();
      ready
          .scorer()
          .ask(
              ready.model().row(values),
              answer -> {
                if (answer == null) {
                  cutOffs.inc();
                  fallBack();
                } else {
                  fill(ready, answer);
                }
                long took = System.nanoTime() - start;
                scoreNanos.update(took);
                prediction.setScoreMicros(took / 1_000);
                answered.run();
              });
    }

    private void fallBack() {
      if (prediction.getRole() == PredictionRole.SHADOW) {
        silent = true;
        return;
      }
      prediction.setRole(PredictionRole.FALLBACK);
      fallbacks.inc();
      prediction.setOutputs(spec.serve().fallback(situation));
    }

    private void fill(Ready from, Answer answer) {
      Map<String, Double> named = new LinkedHashMap<>();
      for (int i = 0; i < answer.outputs().length; i++) {
        named.put(from.model().outputs().get(i), (double) answer.outputs()[i]);
      }
      prediction.setOutputs(named);
      prediction.setConfidence(from.model().confidence(answer.outputs()));
      if (answer.contributions().length > 0) {
        prediction.setBaseValue(answer.baseValue());
        prediction.setContributions(strongest(answer.contributions()));
      }
    }

    private List<Contribution> strongest(double[] contributions) {
      return IntStream.range(0, values.length)
          .boxed()
          .sorted(Comparator.comparingDouble(i -> -Math.abs(contributions[i])))
          .limit(spec.serve().explain())
          .map(i -> contribution(spec.inputs().get(i).name(), values[i], contributions[i]))
          .toList();
    }
  }

  /**
   * What to ask for one trigger: the version that serves the event's unit, or the fallback, and
   * behind it the shadows.
   *
   * @param lineup empty where no version can answer
   */
  List<Question> questions(Optional<Lineup> lineup, Fact fact, Situation situation) {
    Object[] values = spec.values(situation);
    List<Question> questions = new ArrayList<>();
    Prediction served = prediction(fact, situation, values, SERVED);
    predictions.inc();
    if (lineup.isEmpty()) {
      questions.add(new Question(served, values, situation, null));
      return questions;
    }
    Lineup answering = lineup.get();
    Assignment assignment = versions.assignment(answering);
    Slot slot = assignment.slot(unit(assignment.units(), fact.getEvent(), situation));
    served.setModelVersion(slot.version());
    served.setRole(slot.role());
    served.setExperiment(slot.experiment());
    served.setVariation(slot.variation());
    served.setUnitId(slot.unitId());
    Ready ready = slot.version() == 0 ? null : versions.served(answering, slot.version());
    questions.add(new Question(served, values, situation, ready));
    for (int version : answering.shadows()) {
      Ready shadow = versions.shadow(answering, version);
      if (shadow != null) {
        Prediction beside = prediction(fact, situation, values, "shadow " + version);
        beside.setModelVersion(version);
        beside.setRole(PredictionRole.SHADOW);
        shadows.inc();
        questions.add(new Question(beside, values, situation, shadow));
      }
    }
    return questions;
  }

  /** One version answers all candidates of a ranking: scores of two have no common scale. */
  private @Nullable String unit(ModelSpec.Rollout units, WorkEvent event, Situation situation) {
    boolean isRanking =
        event.getPayload() instanceof PredictionRequested request
            && request.getEntities().size() > 1;
    return isRanking && units.unit() == entity
        ? event.getCompanyId()
        : units.unitOf(event, situation);
  }

  /** All of a prediction but the answer; it is the fallback's until a version is named. */
  private Prediction prediction(Fact fact, Situation situation, Object[] values, String slot) {
    WorkEvent event = fact.getEvent();
    Prediction prediction = new Prediction();
    prediction.setCompanyId(event.getCompanyId());
    prediction.setEntity(FeatureSchema.nameOf(entity));
    prediction.setEntityId(Objects.requireNonNull(FactKind.entityId(event, entity)));
    prediction.setEventId(event.getEventId());
    if (event.getPayload() instanceof PredictionRequested request) {
      boolean isScheduled = request.getRequestId().equals(ModelSpec.SCHEDULED);
      prediction.setTrigger(isScheduled ? "schedule" : "request");
      prediction.setRequestId(isScheduled ? null : request.getRequestId());
    } else {
      prediction.setTrigger(FactKind.of(event).yamlName());
    }
    prediction.setModel(spec.name());
    prediction.setModelVersion(0);
    prediction.setRole(PredictionRole.FALLBACK);
    prediction.setInputs(Arrays.asList(values));
    prediction.setContributions(List.of());
    prediction.setAsOf(situation.asOf());
    prediction.setPredictionId(idOf(prediction, slot));
    prediction.setEntities(owners(event));
    prediction.setMissing(
        IntStream.range(0, values.length)
            .filter(i -> values[i] == null)
            .mapToObj(i -> spec.inputs().get(i).name())
            .toList());
    return prediction;
  }

  private Map<String, String> owners(WorkEvent event) {
    Map<String, String> named = new LinkedHashMap<>();
    for (EntityType kind : owners) {
      String id = FactKind.entityId(event, kind);
      if (id != null) {
        named.put(FeatureSchema.nameOf(kind), id);
      }
    }
    return named;
  }

  private static Contribution contribution(
      String input, @Nullable Object value, double contribution) {
    Object shown = value;
    if (value instanceof Number number) {
      shown = number.doubleValue();
    } else if (value instanceof Boolean yes) {
      shown = yes ? 1.0 : 0.0;
    }
    return new Contribution(input, shown, contribution);
  }

  private static String idOf(Prediction prediction, String slot) {
    String name =
        String.join(
            "\u0001",
            prediction.getCompanyId(),
            prediction.getEventId(),
            prediction.getModel(),
            prediction.getEntity() + ':' + prediction.getEntityId(),
            slot);
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** The alerts of this task that are not over, for a snapshot. */
  Collection<Alert> openAlerts() {
    return alerts.open();
  }

  /**
   * Takes back in what {@link #openAlerts} gave out, of all tasks: those of this one, and as the
   * first one also those of tasks that are not there any more.
   */
  void restore(Alert alert, int subtask, int parallelism) {
    String subject = subject();
    if (alert.getSubject().equals(subject)) {
      if (subtask == 0) {
        alerts.restore(alert);
      }
    } else if (alert.getSubject().startsWith(subject + TASK)) {
      int owner = Integer.parseInt(alert.getSubject().substring((subject + TASK).length()));
      if ((owner < parallelism ? owner : 0) == subtask) {
        alerts.restore(alert);
      }
    }
  }

  private String subject() {
    return "model." + spec.name();
  }

  /**
   * Alerts that are new, and those that are over.
   *
   * @param subtask index of this task
   */
  List<Alert> look(int subtask) {
    List<Trouble> troubles = new ArrayList<>();
    String subject = subject();
    if (subtask == 0) { // the others see the same
      for (Refusal refusal : versions.refusals(clock.get())) {
        troubles.add(
            new Trouble(
                subject,
                "%s refused by %s".formatted(refusal.version(), refusal.lineup().rolloutId()),
                AlertSeverity.CRITICAL,
                refusal.inWords()));
      }
    }
    for (Ready ready : versions.answering(clock.get())) {
      String whyNative = ready.model().whyNative();
      if (subtask == 0 && whyNative != null) {
        troubles.add(
            new Trouble(
                subject,
                ready.version() + " native",
                AlertSeverity.WARNING,
                "XGBoost4J serves version %d of %s: %s. Scores are right, and cost more"
                    .formatted(ready.version(), spec.name(), whyNative)));
      }
      if (ready.scorer().isCutOff()) {
        troubles.add(
            new Trouble(
                subject + TASK + subtask,
                ready.version() + " cut off",
                AlertSeverity.CRITICAL,
                "version %d of %s is slower than its budget of %s: its fallback answers. Roll back, or raise serve.budget in its file"
                    .formatted(ready.version(), spec.name(), spec.serve().budget())));
      }
    }
    return alerts.changes(troubles, clock.get());
  }
}
