package io.crewcast.local.oracle;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What CESAW's own files say about each emitted feature row, with none of our events in between.
 */
public final class CesawOracle {

  private CesawOracle() {}

  /** Whether the folder is there: it is not ours to ship. */
  public static boolean isPresent(Path csv) {
    return Files.isRegularFile(csv.resolve("CESAW_time_fact.csv.gz"));
  }

  /** Compares every feature of every row in the lake's four feature tables. */
  public static Map<String, Comparison> compare(Path csv, Path lake) {
    return FeatureRowsOracle.compare(lake, "cesaw.sql", Map.of("csv", csv.toString()));
  }
}
