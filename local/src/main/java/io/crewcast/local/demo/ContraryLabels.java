package io.crewcast.local.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** Training examples whose labels say the contrary of what happened. */
final class ContraryLabels {

  private ContraryLabels() {}

  /**
   * Copies a lake's examples with the contrary of their labels.
   *
   * @param copy folder of a lake that has nothing else
   */
  static void write(Path lake, Path copy) throws IOException {
    Path day = Files.createDirectories(copy.resolve("training_examples").resolve("date=all"));
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement sql = connection.createStatement()) {
      sql.execute(
          """
          copy (select * replace (1 - label as label)
                from read_parquet('%s/training_examples/*/*.parquet', hive_partitioning = false))
          to '%s/part.parquet' (format parquet)
          """
              .formatted(lake, day));
    } catch (SQLException e) {
      throw new IllegalStateException(
          "Cannot copy the training examples of %s: %s".formatted(lake, e.getMessage()), e);
    }
  }
}
