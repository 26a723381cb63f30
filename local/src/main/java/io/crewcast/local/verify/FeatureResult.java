package io.crewcast.local.verify;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One feature's rows against their recomputation.
 *
 * @param ofRows true for what is no feature but holds of all rows: {@code as_of}, {@code sequence}
 *     and {@code event_id} follow from the row before, and there is a row for each of the {@code
 *     changes}
 * @param rows compared
 * @param different not equal to the last bit; for a quantile, off by more than its error
 * @param overflowed not compared, because the entity may have held more different values than are
 *     told apart
 * @param examples some of those that differ, in words
 * @param note why nothing was compared; null where rows were
 */
public record FeatureResult(
    String entity,
    String feature,
    boolean ofRows,
    long rows,
    long different,
    long overflowed,
    List<String> examples,
    @Nullable String note) {

  static FeatureResult notCompared(String entity, String feature, String note) {
    return new FeatureResult(entity, feature, false, 0, 0, 0, List.of(), note);
  }

  /** {@code worker.hours_30d}. */
  public String name() {
    return entity + '.' + feature;
  }

  /** One line. */
  public String inWords() {
    if (note != null) {
      return "%-44s not compared: %s".formatted(name(), note);
    }
    return String.format(
        Locale.ROOT,
        "%-44s %,12d rows %,8d differ%s",
        name(),
        rows,
        different,
        overflowed == 0 ? "" : String.format(Locale.ROOT, ", %,d overflowed", overflowed));
  }
}
