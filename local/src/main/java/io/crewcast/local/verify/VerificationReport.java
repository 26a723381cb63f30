package io.crewcast.local.verify;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What came of a verification, feature by feature.
 *
 * @param until when the newest event that was counted was appended to its topic; null for none
 */
public record VerificationReport(
    Path lake, Selection selection, @Nullable Instant until, List<FeatureResult> features) {

  /** Feature values compared. */
  public long compared() {
    return sum(feature -> feature.ofRows() ? 0 : feature.rows());
  }

  /** Feature values that are equal to their recomputation. */
  public long equal() {
    return sum(feature -> feature.ofRows() ? 0 : feature.rows() - feature.different());
  }

  /** Feature values that differ, and rows that are missing or out of order. */
  public long different() {
    return sum(FeatureResult::different);
  }

  /** Feature values not compared because of an overflow. */
  public long overflowed() {
    return sum(FeatureResult::overflowed);
  }

  private long sum(ToLongFunction<FeatureResult> of) {
    return features.stream().mapToLong(of).sum();
  }

  private long count(boolean compared) {
    return features.stream().filter(f -> !f.ofRows() && (f.note() == null) == compared).count();
  }

  /** Examples of values that differ, with the name of their feature. */
  public List<String> examples() {
    return features.stream()
        .flatMap(feature -> feature.examples().stream().map(e -> feature.name() + " of " + e))
        .toList();
  }

  /** One line that sums it up. */
  public String inWords() {
    long differ = features.stream().filter(f -> f.different() > 0).count();
    StringBuilder more = new StringBuilder();
    if (overflowed() > 0) {
      more.append(String.format(Locale.ROOT, "; %,d values overflowed", overflowed()));
    }
    if (count(false) > 0) {
      more.append(String.format(Locale.ROOT, "; %,d not compared", count(false)));
    }
    return String.format(
            Locale.ROOT,
            "%,d features, %s: %,d values compared, %s",
            count(true),
            selection.inWords(),
            compared(),
            different() == 0
                ? compared() == 0 ? nothing() : "none differs"
                : String.format(Locale.ROOT, "%,d differ in %,d of the lines", different(), differ))
        + more;
  }

  /** Why there is nothing to say that all is well. */
  private String nothing() {
    return selection.publishedWithin() == null
        ? "for it holds no entity that was chosen"
        : "for nothing in the lake is old enough yet to be whole, or no entity is chosen";
  }

  /** Writes the same as JSON. */
  public void write(Path file) throws IOException {
    Map<String, Object> totals = new LinkedHashMap<>();
    totals.put("features", count(true));
    totals.put("rows", compared());
    totals.put("different", different());
    totals.put("overflowed", overflowed());
    totals.put("not_compared", count(false));
    Map<String, @Nullable Object> report = new LinkedHashMap<>();
    report.put("lake", lake.toString());
    report.put("every_row", selection.everyRow());
    report.put("share", selection.share());
    report.put("until", until == null ? null : until.toString());
    report.put("features", features);
    report.put("totals", totals);
    new ObjectMapper()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
        .writeValue(file.toFile(), report);
  }
}
