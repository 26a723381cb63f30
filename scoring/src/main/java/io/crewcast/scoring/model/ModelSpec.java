package io.crewcast.scoring.model;

import io.crewcast.schemas.DriftReference;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.expression.Expression;
import io.crewcast.schemas.expression.FactFields;
import io.crewcast.schemas.stream.Fact;
import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A model as its file in {@code flink-conf/models} declares it, checked against the columns that
 * features have: when it scores what, from which inputs, and what turns out to be the truth.
 *
 * @param name snake_case; the directory of its versions
 * @param about what the score means, in a sentence
 * @param scores the kind of entity that it scores
 * @param label {@link Label.None} where the model learns without one
 * @param inputs in the order in which a row holds them
 * @param rollout how a new version is tried
 * @param gate what a new version must prove; null: nothing
 * @param monitor how it is watched once it serves
 */
public record ModelSpec(
    String name,
    String about,
    EntityType scores,
    Trigger trigger,
    Label label,
    List<Input> inputs,
    Train train,
    Serve serve,
    Rollout rollout,
    @Nullable Gate gate,
    Monitor monitor,
    Map<EntityType, FeatureSchema> schemas)
    implements Serializable {

  /** The {@code request_id} of what a schedule asks; no request of others can have it. */
  public static final String SCHEDULED = "\u0001schedule";

  /** The name by which a derived input sees the time of the score. */
  public static final String AS_OF = "as_of";

  /** Reads and checks one file; see {@link ModelFile}. */
  public static ModelSpec load(Path file, Map<EntityType, FeatureSchema> schemas) {
    return ModelFile.load(file, schemas);
  }

  /** Reads all {@code *.yaml} of a folder such as {@code flink-conf/models}, sorted by name. */
  public static List<ModelSpec> loadAll(Path models, Map<EntityType, FeatureSchema> schemas) {
    return ModelFile.loadAll(models, schemas);
  }

  /**
   * When to score. Whoever asks for a score is answered too.
   *
   * @param from the kind of fact; a request where nothing else triggers, or a schedule does
   * @param when what must hold of the fact; null: nothing
   * @param oncePer a field of the fact; each of its values triggers once. Null: every time
   * @param schedule asks by itself; null: none
   * @param labelAfter how long after a score the entity is read for its label; zero: never
   */
  public record Trigger(
      FactKind from,
      @Nullable Expression when,
      @Nullable String oncePer,
      @Nullable Schedule schedule,
      Duration labelAfter)
      implements Serializable {

    /** How often the schedule triggers; null: there is none. */
    public @Nullable Duration every() {
      return schedule == null ? null : schedule.every();
    }

    /** The same with readings for a label that the passing of time settles. */
    Trigger readFor(Label label) {
      return new Trigger(from, when, oncePer, schedule, label.readAfter());
    }

    /** Whether a fact triggers by itself, but for {@code oncePer}. */
    public boolean holds(Fact fact) {
      return when != null
          && FactKind.of(fact.getEvent()) == from
          && when.holds(name -> FactFields.value(fact, name));
    }
  }

  /**
   * Scores at each multiple of a period since 1970, UTC, in event time.
   *
   * @param every the period
   * @param activeWithin how long after it was last heard of an entity is scored
   */
  public record Schedule(Duration every, Duration activeWithin) implements Serializable {

    /** Microseconds. */
    public long period() {
      return Instants.micros(every);
    }

    /** The first instant after one, both in microseconds. */
    public long next(long after) {
      return (Math.floorDiv(after, period()) + 1) * period();
    }

    /** Until when it is scored if it is not heard of any more; microseconds. */
    public long last(long heardAt) {
      return heardAt + Instants.micros(activeWithin) - 1;
    }
  }

  /**
   * One input.
   *
   * @param name {@code worker.hours_7d} or {@code derived.weekday}
   * @param owner the kind of entity whose value it is, the scored one where several have a part in
   *     it; null of what the calendar alone says
   */
  public record Input(
      String name, ValueType type, String about, Value value, @Nullable EntityType owner)
      implements Serializable {

    /** The column of the lake that holds it. */
    public String column() {
      return name.replace('.', '_');
    }
  }

  /** Where an input's value comes from. */
  public sealed interface Value extends Serializable {

    @Nullable Object of(Situation situation);

    /** A column of an entity's vector. */
    record Column(EntityType entity, int index) implements Value {
      @Override
      public @Nullable Object of(Situation situation) {
        return situation.column(entity, index);
      }
    }

    /** An expression over the fact, the vectors and {@code as_of}. */
    record Derived(Expression expression) implements Value {
      @Override
      public @Nullable Object of(Situation situation) {
        return expression.evaluate(situation);
      }
    }
  }

  /**
   * How to train.
   *
   * @param objective XGBoost's name of it
   * @param shares of the time range, in order: train, validate, test
   * @param history how long before a trigger the source must have begun for it to train
   * @param embargo how long before the next part begins a label must have been known for its
   *     trigger to train
   * @param parameters passed to XGBoost as they are
   * @param search by parameter, the values to try, each with each
   * @param trusted names of inputs that may foretell the label as well as they like
   * @param quantiles that are answered, ascending; none where the objective has none
   * @param grouping of what is ranked; null where nothing is
   */
  public record Train(
      String objective,
      Shares shares,
      Duration history,
      Duration embargo,
      Map<String, String> parameters,
      Map<String, List<String>> search,
      List<String> trusted,
      List<Double> quantiles,
      @Nullable Grouping grouping)
      implements Serializable {

    /** What kind of problem it is trained for. */
    public ProblemType problem() {
      return ProblemType.of(objective);
    }

    /** Which output stands for what is to be expected; see {@link #middleOf}. */
    public int middle() {
      return middleOf(quantiles);
    }

    /** The place of the quantile next to 0.5; 0 where there are none, as of a single output. */
    public static int middleOf(List<Double> quantiles) {
      int middle = 0;
      for (int i = 1; i < quantiles.size(); i++) {
        if (Math.abs(quantiles.get(i) - 0.5) < Math.abs(quantiles.get(middle) - 0.5)) {
          middle = i;
        }
      }
      return middle;
    }

    /** Names of what a prediction answers: {@code score}, {@code p10} and so on, or the classes. */
    List<String> outputs(Label label) {
      if (label instanceof Label.Classes classes) {
        return classes.names();
      }
      return quantiles.isEmpty()
          ? ProblemType.SCORE
          : quantiles.stream().map(quantile -> "p" + Math.round(100 * quantile)).toList();
    }
  }

  /**
   * Which triggers are ranked with each other: those of a company and a period that have the same
   * values.
   *
   * @param inputs names of inputs
   * @param period of {@code as_of}, from the epoch on
   */
  public record Grouping(List<String> inputs, Duration period) implements Serializable {}

  /** Parts of the time range, adding up to one. */
  public record Shares(double train, double validate, double test) implements Serializable {}

  /**
   * How to answer.
   *
   * @param explain how many contributions a prediction carries
   * @param fallback what answers without a model
   * @param budget how long a call may take in a live job; null: any time
   * @param deadline how long a live job gathers the candidates of a ranking
   * @param lowestIsBest whether a ranking begins with the lowest score
   * @param alertAbove the score above which an entity is reported; null: none is
   */
  public record Serve(
      int explain,
      Fallback fallback,
      @Nullable Duration budget,
      Duration deadline,
      boolean lowestIsBest,
      @Nullable Double alertAbove)
      implements Serializable {

    /** The answer without a model, by output. */
    public Map<String, Double> fallback(Situation situation) {
      return fallback.answer(value -> value.of(situation));
    }
  }

  /**
   * What answers without a model: the first value that is there fills all outputs.
   *
   * @param constants by output, in order; what answers when no value is there
   */
  public record Fallback(List<Value> values, LinkedHashMap<String, Double> constants)
      implements Serializable {

    static Fallback ofNumber(List<Value> values, List<String> outputs, double constant) {
      return new Fallback(values, all(outputs, constant));
    }

    /** Sure of one class. */
    static Fallback ofClass(List<String> classes, String named) {
      LinkedHashMap<String, Double> constants = all(classes, 0);
      constants.put(named, 1.0);
      return new Fallback(List.of(), constants);
    }

    private static LinkedHashMap<String, Double> all(Collection<String> outputs, double number) {
      LinkedHashMap<String, Double> all = new LinkedHashMap<>();
      outputs.forEach(output -> all.put(output, number));
      return all;
    }

    /**
     * The answer by output.
     *
     * @param read what a value is; null where it is missing
     */
    public Map<String, Double> answer(Function<Value, @Nullable Object> read) {
      for (Value value : values) {
        if (read.apply(value) instanceof Number number) {
          return all(constants.keySet(), number.doubleValue());
        }
      }
      return constants;
    }
  }

  /**
   * Whom a trial of a new version is split by.
   *
   * @param unit keeps what it was assigned; null: the company
   * @param audience what must hold for a unit to be on trial; null: nothing
   * @param weights of the champion's and the challenger's variation, adding up to 1
   */
  public record Rollout(
      @Nullable EntityType unit, @Nullable Expression audience, List<Double> weights)
      implements Serializable {

    /** The unit of an event, if it names one that is of the audience. */
    public @Nullable String unitOf(WorkEvent event, Situation situation) {
      if (audience != null && !audience.holds(situation)) {
        return null;
      }
      if (unit == null) {
        return event.getCompanyId();
      }
      String id = FactKind.entityId(event, unit);
      return id == null ? null : FeatureSchema.key(event.getCompanyId(), id);
    }
  }

  /**
   * What a new version must prove on the test part before it is published.
   *
   * @param metric by which it is compared
   * @param beats whom it must beat: the champion, the fallback
   * @param margin above which the interval of the difference must stay, in units of the metric;
   *     negative: by how much it may be worse
   * @param cluster what triggers share that are not independent of each other
   * @param segments names of inputs; no value of one may lose much
   * @param calibration bounds of the sum of scores by the sum of labels; null: any
   * @param budget for one score, at the 99th percentile
   */
  public record Gate(
      Metric metric,
      List<Rival> beats,
      double margin,
      Cluster cluster,
      List<String> segments,
      @Nullable Bounds calibration,
      Duration budget)
      implements Serializable {}

  /** Whom a new version must beat. */
  public enum Rival {
    CHAMPION,
    FALLBACK
  }

  /** What triggers share that are not independent of each other. */
  public enum Cluster {
    PROJECT_ID,
    COMPANY_ID,
    /** The scored entity: of one that is scored again and again. */
    ENTITY_ID
  }

  /**
   * How versions are watched once they serve.
   *
   * @param windows of drift, each tumbling from the epoch on, UTC
   * @param against of drift from which an alert is made; all is told in rows
   * @param byCompany whether each company is looked at too, and not only all together
   * @param entities how many different ones a window needs for its drift to be told
   * @param bad of the last {@code of} windows must be so for an alert
   * @param label name of the observations that are its labels; null: the file's own label is
   */
  public record Monitor(
      List<Duration> windows,
      List<DriftReference> against,
      boolean byCompany,
      int entities,
      int bad,
      int of,
      @Nullable String label,
      List<Limit> limits)
      implements Serializable {}

  /**
   * What a figure must not come to.
   *
   * @param metric one of {@link ProblemType#figures}
   * @param below whether values below are bad, else those above
   */
  public record Limit(String metric, boolean below, double value) implements Serializable {

    /** Whether a figure is beyond it. */
    public boolean isBrokenBy(double figure) {
      return below ? figure < value : figure > value;
    }
  }

  /** A range, ends included. */
  public record Bounds(double least, double most) implements Serializable {

    public boolean contains(double value) {
      return least <= value && value <= most;
    }
  }

  /** Names of what a prediction answers, in order: {@code score}, or one a quantile or class. */
  public List<String> outputs() {
    return train.outputs(label);
  }

  /** Whether its scores put candidates in an order. */
  public boolean ranks() {
    return !(label instanceof Label.Classes);
  }

  /** The output by which candidates are ranked: the score, or of quantiles the middle one. */
  public String rankedBy() {
    return outputs().get(train.middle());
  }

  /** The kinds of entity that inputs are of, and the one that is scored. */
  public Set<EntityType> owners() {
    Set<EntityType> owners = EnumSet.of(scores);
    inputs.stream().map(Input::owner).filter(Objects::nonNull).forEach(owners::add);
    return owners;
  }

  /** The inputs as columns of the lake have them, in order. */
  public List<FeatureSchema.Column> columns() {
    return inputs.stream()
        .map(input -> new FeatureSchema.Column(input.name(), input.type(), input.about()))
        .toList();
  }

  /**
   * What the fallback would have answered, in the order of the outputs; of its values, those that
   * are inputs are known here.
   *
   * @param values of all inputs in order
   */
  public double[] fallback(List<@Nullable Object> values) {
    Map<String, Double> answer =
        serve.fallback.answer(
            asked -> {
              for (int place = 0; place < inputs.size(); place++) {
                if (inputs.get(place).value().equals(asked)) {
                  return values.get(place);
                }
              }
              return null;
            });
    return outputs().stream().mapToDouble(answer::get).toArray();
  }

  /**
   * Whom a trigger is ranked with: those of the same name. Null where nothing is ranked.
   *
   * @param values of all inputs in order
   */
  public @Nullable String group(String company, Instant asOf, List<@Nullable Object> values) {
    Grouping grouping = train.grouping();
    if (grouping == null) {
      return null;
    }
    StringJoiner group = new StringJoiner("\u0001").add(company);
    group.add(Long.toString(Math.floorDiv(asOf.toEpochMilli(), grouping.period().toMillis())));
    for (int place = 0; place < inputs.size(); place++) {
      if (grouping.inputs().contains(inputs.get(place).name())) {
        group.add(String.valueOf(values.get(place)));
      }
    }
    return group.toString();
  }

  /** The values of all inputs; null where missing. */
  public Object[] values(Situation situation) {
    Object[] values = new Object[inputs.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = inputs.get(i).value().of(situation);
    }
    return values;
  }
}
