package io.crewcast.local.report;

import io.crewcast.local.lake.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * All that a report shows, read from a lake's tables: a component a section of the page.
 *
 * @param from start of the range that was asked for, milliseconds since 1970
 * @param madeAt by the clock
 */
public record LakeReport(
    String lake,
    @Nullable Long from,
    @Nullable Long to,
    long madeAt,
    Sources sources,
    Served served,
    Performance performance,
    Calibration calibration,
    Drift drift,
    Importance importance,
    Experiments experiments,
    Quality quality,
    Alerts alerts) {

  /**
   * Reads a lake.
   *
   * @throws IllegalStateException with one line where it is not there or cannot be read
   */
  public static LakeReport read(Path lake, TimeRange range, Clock clock) throws IOException {
    try (Lake tables = Lake.open(lake, range)) {
      return new LakeReport(
          lake.toString(),
          range.fromMillis(),
          range.toMillis(),
          clock.millis(),
          Sources.of(tables),
          Served.of(tables),
          Performance.of(tables),
          Calibration.of(tables),
          Drift.of(tables),
          Importance.of(tables),
          Experiments.of(tables),
          Quality.of(tables),
          Alerts.of(tables));
    } catch (SQLException e) {
      throw new IllegalStateException("Cannot read %s: %s".formatted(lake, Database.message(e)), e);
    }
  }

  /** Writes it as one HTML page that needs nothing else. */
  public void write(Path page) throws IOException {
    Files.writeString(page, ReportPage.of(this));
  }
}
