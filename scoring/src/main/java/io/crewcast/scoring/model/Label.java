package io.crewcast.scoring.model;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.expression.Expression;
import java.io.Serializable;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What turns out to be the truth about a trigger, read from the changes that come after it. The
 * deadline is {@link #within} after the trigger.
 */
public sealed interface Label extends Serializable {

  /** What stands for {@code negative} where time alone decides. */
  String OTHERWISE = "otherwise";

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
    public Map<String, String> entries() {
      Map<String, String> entries = new LinkedHashMap<>();
      entries.put("positive", positive.source());
      entries.put("negative", negative == null ? OTHERWISE : negative.source());
      entries.put("within", inWords(within));
      return entries;
    }
  }

  private static String inWords(Duration duration) {
    return duration.toHours() % 24 == 0 ? duration.toDays() + "d" : duration.toHours() + "h";
  }
}
