package io.crewcast.scoring.model;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.expression.Expression;
import io.crewcast.scoring.tree.Objective;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What turns out to be the truth about a trigger, read from the changes that come after it. The
 * deadline is {@link #within} after the trigger.
 */
public sealed interface Label extends Serializable {

  /** What stands for {@code negative} where time alone decides. */
  String OTHERWISE = "otherwise";

  /** Within what a label can be ranked. */
  String COMPANY = "company";

  /** What a number can be trained with. */
  List<String> NUMBERS =
      xgboostNames(
          Objective.SQUARED_ERROR,
          Objective.ABSOLUTE_ERROR,
          Objective.GAMMA,
          Objective.TWEEDIE,
          Objective.POISSON,
          Objective.QUANTILE_ERROR);

  /**
   * The end of waiting.
   *
   * @param value null: it cannot be known any more, the trigger is censored
   */
  record Settled(@Nullable Double value) {}

  /** What the change says; null where it leaves the label open. */
  @Nullable Settled settle(Hindsight hindsight);

  /** What it comes to when the deadline has passed and no change has settled it. */
  default Settled atDeadline() {
    return new Settled(null);
  }

  /** How long after the trigger no change settles it any more. */
  Duration within();

  /** How long after the trigger the entity is read once more, to settle it; zero: never. */
  default Duration readAfter() {
    return atDeadline().value() == null ? Duration.ZERO : within();
  }

  /** XGBoost's names of the objectives that fit it, or {@link ProblemType}'s own. */
  List<String> objectives();

  /** {@code a label of two values}: as an error says it. */
  String inWords();

  /**
   * The kind of entity of which a change must name the same one as the trigger did; null: any
   * change of the scored entity counts.
   */
  @Nullable EntityType of();

  /** The entries of the model's file, for people. */
  Map<String, String> entries();

  /**
   * 1 as soon as {@code positive} holds, 0 once {@code negative} does.
   *
   * @param negative null: 0 when the deadline has passed
   */
  record Binary(
      Expression positive, @Nullable Expression negative, Duration within, @Nullable EntityType of)
      implements Label {

    private static final Settled POSITIVE = new Settled(1.0);
    private static final Settled NEGATIVE = new Settled(0.0);

    @Override
    public @Nullable Settled settle(Hindsight hindsight) {
      if (positive.holds(hindsight)) {
        return POSITIVE;
      }
      return negative != null && negative.holds(hindsight) ? NEGATIVE : null;
    }

    @Override
    public Settled atDeadline() {
      return negative == null ? NEGATIVE : Label.super.atDeadline();
    }

    @Override
    public List<String> objectives() {
      return xgboostNames(Objective.LOGISTIC, Objective.SQUARED_ERROR);
    }

    @Override
    public String inWords() {
      return "a label of two values";
    }

    @Override
    public Map<String, String> entries() {
      Map<String, String> entries = new LinkedHashMap<>();
      entries.put("positive", positive.source());
      entries.put("negative", negative == null ? OTHERWISE : negative.source());
      return closed(entries, null, within);
    }
  }

  /**
   * A number, once {@code when} holds; open while it is missing.
   *
   * @param value a number
   */
  record Measured(Expression value, Expression when, Duration within, @Nullable EntityType of)
      implements Label {

    @Override
    public @Nullable Settled settle(Hindsight hindsight) {
      return when.holds(hindsight) && value.evaluate(hindsight) instanceof Number number
          ? new Settled(number.doubleValue())
          : null;
    }

    @Override
    public List<String> objectives() {
      return NUMBERS;
    }

    @Override
    public String inWords() {
      return "a label that is a number";
    }

    @Override
    public Map<String, String> entries() {
      Map<String, String> entries = new LinkedHashMap<>();
      entries.put("value", value.source());
      return closed(entries, when, within);
    }
  }

  /**
   * A number as of a fixed time after the trigger: that at the first change from then on, or none.
   *
   * @param value a number
   * @param grace how much later than {@code after} that change may come
   * @param percentile whether training takes it for its rank among the triggers of the same company
   *     and instant
   */
  record AtHorizon(
      Expression value, Duration after, Duration grace, boolean percentile, @Nullable EntityType of)
      implements Label {

    @Override
    public @Nullable Settled settle(Hindsight hindsight) {
      Instant due = hindsight.then().getAsOf().plus(after);
      if (hindsight.recordedAt().isBefore(due)) {
        return null;
      }
      return new Settled(
          value.evaluate(hindsight) instanceof Number number ? number.doubleValue() : null);
    }

    @Override
    public Duration within() {
      return after.plus(grace);
    }

    @Override
    public Duration readAfter() {
      return after;
    }

    @Override
    public List<String> objectives() {
      return NUMBERS;
    }

    @Override
    public String inWords() {
      return "a label that is a number";
    }

    @Override
    public Map<String, String> entries() {
      Map<String, String> entries = new LinkedHashMap<>();
      entries.put("value", value.source());
      entries.put("after", brief(after));
      if (percentile) {
        entries.put("percentile_within", COMPANY);
      }
      return entries;
    }
  }

  /**
   * The place of the first class that holds, once {@code when} does; open while none holds.
   *
   * @param names of the classes, in order
   * @param classes the condition of each
   */
  record Classes(
      List<String> names,
      List<Expression> classes,
      Expression when,
      Duration within,
      @Nullable EntityType of)
      implements Label {

    @Override
    public @Nullable Settled settle(Hindsight hindsight) {
      if (when.holds(hindsight)) {
        for (int place = 0; place < classes.size(); place++) {
          if (classes.get(place).holds(hindsight)) {
            return new Settled((double) place);
          }
        }
      }
      return null;
    }

    @Override
    public List<String> objectives() {
      return xgboostNames(Objective.SOFTPROB);
    }

    @Override
    public String inWords() {
      return "a label of classes";
    }

    @Override
    public Map<String, String> entries() {
      Map<String, String> entries = new LinkedHashMap<>();
      for (int place = 0; place < names.size(); place++) {
        entries.put("class " + names.get(place), classes.get(place).source());
      }
      return closed(entries, when, within);
    }
  }

  /**
   * How well it went, 0 to 4, once {@code when} holds: the mean of several objectives by their
   * weights. An objective that is missing is left out and the others' weights stand for all; open
   * while all are missing.
   */
  record Grade(List<Goal> goals, Expression when, Duration within, @Nullable EntityType of)
      implements Label {

    /** The relevance of the best. */
    public static final int BEST = 4;

    /**
     * One objective.
     *
     * @param reached a condition, or a number of which 0 is not at all and 1 wholly
     */
    public record Goal(String name, double weight, Expression reached) implements Serializable {

      @Nullable Double of(Hindsight hindsight) {
        Object value = reached.evaluate(hindsight);
        if (value instanceof Boolean yes) {
          return yes ? 1.0 : 0.0;
        }
        return value instanceof Number number
            ? Double.valueOf(Math.min(1, Math.max(0, number.doubleValue())))
            : null;
      }
    }

    @Override
    public @Nullable Settled settle(Hindsight hindsight) {
      if (!when.holds(hindsight)) {
        return null;
      }
      double sum = 0;
      double weights = 0;
      for (Goal goal : goals) {
        Double reached = goal.of(hindsight);
        if (reached != null) {
          sum += goal.weight() * reached;
          weights += goal.weight();
        }
      }
      return weights == 0 ? null : new Settled((double) Math.round(BEST * sum / weights));
    }

    @Override
    public List<String> objectives() {
      return xgboostNames(Objective.RANK_NDCG);
    }

    @Override
    public String inWords() {
      return "a label of grades";
    }

    @Override
    public Map<String, String> entries() {
      Map<String, String> entries = new LinkedHashMap<>();
      for (Goal goal : goals) {
        entries.put(goal.name() + ", weight " + goal.weight(), goal.reached().source());
      }
      return closed(entries, when, within);
    }
  }

  /** There is nothing to wait for: a trigger is an example at once. */
  record None() implements Label {

    @Override
    public Settled settle(Hindsight hindsight) {
      return new Settled(null);
    }

    @Override
    public Duration within() {
      return Duration.ZERO;
    }

    @Override
    public @Nullable EntityType of() {
      return null;
    }

    @Override
    public List<String> objectives() {
      return List.of(ProblemType.ROBUST_DEVIATION);
    }

    @Override
    public String inWords() {
      return "a model without a label";
    }

    @Override
    public Map<String, String> entries() {
      return Map.of();
    }
  }

  private static List<String> xgboostNames(Objective... objectives) {
    return Arrays.stream(objectives).map(Objective::xgboostName).toList();
  }

  /** With what ends the waiting. */
  private static Map<String, String> closed(
      Map<String, String> entries, @Nullable Expression when, Duration within) {
    if (when != null) {
      entries.put("when", when.source());
    }
    entries.put("within", brief(within));
    return entries;
  }

  private static String brief(Duration duration) {
    return duration.toHours() % 24 == 0 ? duration.toDays() + "d" : duration.toHours() + "h";
  }
}
