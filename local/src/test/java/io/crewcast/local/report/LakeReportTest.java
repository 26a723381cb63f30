package io.crewcast.local.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DriftStatistics;
import io.crewcast.schemas.ExperimentMetrics;
import io.crewcast.schemas.Exposure;
import io.crewcast.schemas.ModelPerformance;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.Prediction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LakeReportTest {
  private static final Clock CLOCK =
      Clock.fixed(Instant.parse("2026-02-05T08:00:00Z"), ZoneOffset.UTC);
  private static final Offset<Double> SAME = Offset.offset(1e-9);

  @TempDir private static Path lake;
  private static LakeReport report;

  @BeforeAll
  static void read() throws Exception {
    LakeFixture.write(lake);
    report = LakeReport.read(lake, TimeRange.ALL, CLOCK);
  }

  @Test
  void countsTheRowsOfEachTable() throws Exception {
    assertThat(report.sources().tables()).hasSize(8).allMatch(Sources.Table::there);
    for (Sources.Table table : report.sources().tables()) {
      assertThat(table.rows())
          .as(table.table())
          .isEqualTo(number("count(*) from {" + table.table() + "}"));
    }
    assertThat(report.sources().models())
        .containsExactly("task_overrun", "</script><img src=x onerror=alert(1)>");
    assertThat(report.sources().companies())
        .containsExactly("acme", "birch & söhne", "<b>\"x\"</b>");
  }

  @Test
  void tellsWhoWasAskedToServeAndWhoAnswered() throws Exception {
    assertThat(report.served().rollouts())
        .extracting(Served.Rollout::rolloutId, Served.Rollout::champion, Served.Rollout::challenger)
        .containsExactly(
            tuple("r0", 2, null),
            tuple("r1", 3, null),
            tuple("r2", 3, 4),
            tuple("r3", 3, 4),
            tuple("r4", 4, null));
    assertThat(report.served().rollouts().get(1).from())
        .as("when it took effect, not when it was published")
        .isEqualTo(Instant.parse("2026-01-07T00:00:00Z").toEpochMilli());
    assertThat(report.served().rollouts().get(1).until())
        .isEqualTo(report.served().rollouts().get(2).from());
    for (Served.Volume volume : report.served().volumes()) {
      long rows =
          number(
              "count(*) from {predictions} where model = '%s' and model_version = %d and role = '%s' and '%s' in ('*', company_id)"
                  .formatted(volume.model(), volume.version(), volume.role(), volume.company()));
      assertThat(volume.total()).as(volume.toString()).isEqualTo(rows).isPositive();
      assertThat(volume.buckets().stream().mapToLong(Served.Bucket::predictions).sum())
          .isEqualTo(rows);
    }
  }

  @Test
  void showsOfEachFigureTheNewestRowAndNothingWhereItIsNotANumber() throws Exception {
    Map<List<Object>, List<Object>> newest = new HashMap<>();
    for (List<Object> row :
        LakeFixture.query(
            lake,
            """
            select model_version, company_id, segment, metric, epoch_ms(window_start), if(isfinite("value"), "value", null),
                   fallback_value, provisional
            from {model_performance} order by as_of
            """)) {
      newest.put(row.subList(0, 5), row.subList(5, 8)); // a later one replaces an earlier one
    }
    Map<List<Object>, List<Object>> shown = new HashMap<>();
    for (Performance.Series s : report.performance().series()) {
      for (Performance.Point p : s.points()) {
        shown.put(
            List.of(s.version(), s.company(), s.segment(), s.metric(), p.start()),
            Arrays.asList(p.value(), p.fallback(), p.provisional()));
      }
    }
    assertThat(shown).hasSizeGreaterThan(600).isEqualTo(newest);
    assertThat(series("auc", 3).points()).filteredOn(p -> p.value() == null).hasSize(1);
    assertThat(series("auc", 4).points()).filteredOn(Performance.Point::provisional).hasSize(5);
  }

  @Test
  void poolsTheTenthsOfTheNewestClosedWindowAndOfAll() throws Exception {
    for (boolean newest : List.of(true, false)) {
      Calibration.Curve curve =
          report.calibration().curves().stream()
              .filter(c -> c.version() == 4 && c.company().equals("*") && c.newest() == newest)
              .findFirst()
              .orElseThrow();
      List<List<Object>> tenths =
          LakeFixture.query(
              lake,
              """
              select b."from", sum(b."count"), sum(b.sum_score) / sum(b."count"), sum(b.sum_label) / sum(b."count")
              from (select unnest(bins) as b from {model_performance}
                    where metric = 'ece' and model_version = 4 and company_id = '*' and segment = '*' and not provisional and as_of > window_end %s)
              group by all order by all
              """
                  .formatted(
                      newest ? "and window_start = timestamptz '2026-01-29 00:00:00+00'" : ""));
      assertThat(curve.bins()).hasSize(10).hasSameSizeAs(tenths);
      for (int i = 0; i < 10; i++) {
        Calibration.Bin bin = curve.bins().get(i);
        assertThat(bin.count()).isEqualTo(tenths.get(i).get(1));
        assertThat(bin.score()).isCloseTo((Double) tenths.get(i).get(2), SAME);
        assertThat(bin.label())
            .isCloseTo((Double) tenths.get(i).get(3), SAME)
            .isBetween(bin.lower(), bin.upper());
      }
    }
    // statsmodels' proportion_confint(30, 100, method="wilson")
    try (Lake tables = Lake.open(lake, TimeRange.ALL)) {
      Sources.of(tables);
      Performance.of(tables);
      Calibration.of(tables);
      record Interval(Double lower, Double upper) {}
      Interval interval =
          tables.rows(Interval.class, "select wilson(0.3, 100, -1), wilson(0.3, 100, 1)").get(0);
      assertThat(interval.lower()).isCloseTo(0.21894, Offset.offset(1e-4));
      assertThat(interval.upper()).isCloseTo(0.39585, Offset.offset(1e-4));
    }
  }

  @Test
  void keepsTheDistributionsBehindEachCellOfTheHeatMap() throws Exception {
    Drift.Grid grid =
        report.drift().grids().stream()
            .filter(g -> g.version() == 4 && g.company().equals("*"))
            .filter(g -> g.reference().equals("TRAINING"))
            .findFirst()
            .orElseThrow();
    assertThat(grid.cells()).hasSize(300);
    assertThat(drifted(grid)).isPositive();
    assertThat(drifted(grid))
        .isEqualTo(
            number(
                "count(distinct (feature, window_start)) from {drift_statistics} where model = 'task_overrun' and model_version = 4 and company_id = '*' and reference = 'TRAINING' and drifted and len(cells) > 0"));
    for (Drift.Cell cell : grid.cells().subList(0, 40)) {
      List<Object> row =
          LakeFixture.query(
                  lake,
                  """
                  select "current"::varchar, expected::varchar, cells::varchar, entities, if(isfinite(drift_score), drift_score, null), null_quantile, threshold, p_value
                  from {drift_statistics} where model_version = 4 and company_id = '*' and reference = 'TRAINING' and "method" = 'psi'
                    and feature = '%s' and epoch_ms(window_start) = %d
                  """
                      .formatted(cell.feature(), cell.start()))
              .get(0);
      Drift.Expected expected = report.drift().references().get(cell.expected());
      Drift.Statistic psi =
          cell.statistics().stream()
              .filter(s -> s.method().equals("psi"))
              .findFirst()
              .orElseThrow();
      assertThat(row)
          .startsWith(cell.current().toString(), expected.counts().toString())
          .endsWith(cell.entities(), psi.score(), psi.nullQuantile(), psi.threshold(), psi.p());
    }
    assertThat(report.drift().references()).hasSizeLessThan(40);
    assertThat(report.drift().shares()).isNotEmpty();
  }

  @Test
  void meansContributionsOverAllExplainedPredictions() throws Exception {
    Importance.Version version =
        report.importance().versions().stream()
            .filter(v -> v.version() == 4 && v.company().equals("acme"))
            .findFirst()
            .orElseThrow();
    String explained =
        "from {predictions} where model_version = 4 and company_id = 'acme' and len(contributions) > 0";
    assertThat(version.explained()).isEqualTo(number("count(*) " + explained));
    for (Importance.Input input : version.inputs()) {
      double moved =
          (Double)
              LakeFixture.query(
                      lake,
                      "select sum(abs(c.contribution)) filter (isfinite(c.contribution)) from (select unnest(contributions) as c %s) where c.feature = '%s'"
                          .formatted(explained, input.name()))
                  .get(0)
                  .get(0);
      assertThat(input.mean()).isCloseTo(moved / version.explained(), SAME);
    }
    assertThat(version.inputs()).isSortedAccordingTo((a, b) -> Double.compare(b.mean(), a.mean()));
  }

  @Test
  void followsExperimentsAndCountsUnitsInTwoVariations() throws Exception {
    assertThat(report.experiments().series()).hasSize(4);
    for (Experiments.Series series : report.experiments().series()) {
      Experiments.Look last = series.looks().get(series.looks().size() - 1);
      assertThat(
              LakeFixture.query(
                  lake,
                  "select effect, lower, upper, state, units from {experiment_metrics} where experiment = '%s' and metric = '%s' order by as_of desc limit 1"
                      .formatted(series.experiment(), series.metric())))
          .containsExactly(
              Arrays.asList(last.effect(), last.lower(), last.upper(), last.state(), last.units()));
    }
    assertThat(report.experiments().mixed())
        .filteredOn(m -> m.company().equals("*"))
        .extracting(Experiments.Mixed::experiment, Experiments.Mixed::units)
        .containsExactly(tuple("crew-order", 1L), tuple("overrun-v4", 2L));
  }

  @Test
  void tellsQualityFromDriftAndCountsDeadLetters() throws Exception {
    assertThat(report.quality().measures())
        .extracting(Quality.Measure::method)
        .contains("missing_share", "staleness_hours", "dead_letter_share", "event_volume")
        .doesNotContain("psi", "drifted_share");
    assertThat(report.quality().lettersInAll()).isEqualTo(240);
    for (Quality.Letters letters : report.quality().letters()) {
      assertThat(letters.total())
          .as(letters.toString())
          .isEqualTo(
              number(
                  "count(*) from {dead_letters} where reason = '%s' and '%s' in ('*', coalesce(company_id, ''))"
                      .formatted(letters.reason(), letters.company())))
          .isEqualTo(letters.days().stream().mapToLong(Quality.Day::letters).sum());
    }
  }

  @Test
  void tellsAnAlertThatReturnsFromTheOneThatWasOver() {
    assertThat(report.alerts().open()).isEqualTo(2);
    assertThat(report.alerts().alerts())
        .extracting(Alerts.Episode::id, Alerts.Episode::value, a -> a.resolved() == null)
        .containsExactly(
            tuple("srm-1", 0.00004, true),
            tuple("drift-1", 0.68, true),
            tuple("missing-1", 0.2, false),
            tuple("missing-1", 0.33, false));
  }

  @Test
  void keepsToTheRange() throws Exception {
    LakeReport week =
        LakeReport.read(
            lake,
            new TimeRange(
                Instant.parse("2026-01-19T00:00:00Z"), Instant.parse("2026-01-26T00:00:00Z")),
            CLOCK);
    assertThat(
            week.served().volumes().stream()
                .filter(v -> v.company().equals("*"))
                .mapToLong(Served.Volume::total)
                .sum())
        .isEqualTo(7 * 200);
    assertThat(week.performance().series())
        .flatMap(Performance.Series::points)
        .extracting(Performance.Point::start)
        .allMatch(start -> start >= week.from() && start < week.to());
    assertThat(week.served().rollouts()).as("what served was rolled out before").hasSize(5);
  }

  @Test
  void saysWhatItLeavesOut() {
    assertThat(Cut.of(10, 10, "rows", "the newest")).isNull();
    assertThat(Cut.of(12_000, 10, "rows", "the newest"))
        .isEqualTo("Shown are 10 of 12,000 rows: the newest.");
    assertThat(report.performance().cut()).isNull();
  }

  @Test
  void thinsLongSeriesToTheNewestAndSaysSo(@TempDir Path old) throws Exception {
    Path looks = Files.createDirectories(old.resolve("experiment_metrics/date=2026-01-05"));
    LakeFixture.query(
        lake,
        """
        copy (select e.* replace (timestamptz '2026-01-05 00:00:00+00' + to_minutes(i::integer) as as_of, i::bigint as units)
              from (from {experiment_metrics} limit 1) e, range(1, 1001) t(i)) to '%s/a.parquet'
        """
            .formatted(looks));
    Path windows = Files.createDirectories(old.resolve("model_performance/date=2026-01-05"));
    LakeFixture.query(
        lake,
        """
        copy (select m.* replace (timestamptz '2026-01-05 00:00:00+00' + to_hours(i::integer) as window_start,
                                  timestamptz '2026-01-05 00:00:00+00' + to_hours(i::integer + 1) as window_end, i::bigint as predictions)
              from (from {model_performance} limit 1) m, range(1, 251) t(i)) to '%s/a.parquet'
        """
            .formatted(windows));
    LakeReport many = LakeReport.read(old, TimeRange.ALL, CLOCK);
    List<Experiments.Look> kept = many.experiments().series().get(0).looks();
    assertThat(kept).hasSize(250).last().extracting(Experiments.Look::units).isEqualTo(1000L);
    assertThat(many.experiments().cut()).startsWith("Shown are 250 of 1,000 intervals: ");
    assertThat(many.performance().series().get(0).points())
        .hasSize(200)
        .extracting(Performance.Point::predictions)
        .startsWith(51L)
        .endsWith(250L);
    assertThat(many.performance().cut()).startsWith("Shown are 200 of 250 figures: ");
  }

  @Test
  void isAsGoodOfALakeWithoutRowsOrTables(@TempDir Path empty, @TempDir Path none)
      throws Exception {
    LakeFixture.writeEmpty(empty, lake);
    for (Path folder : List.of(empty, none)) {
      LakeReport nothing = LakeReport.read(folder, TimeRange.ALL, CLOCK);
      assertThat(nothing.sources().tables())
          .allMatch(table -> table.rows() == 0 && table.there() == folder.equals(empty));
      assertThat(nothing.performance().series()).isEmpty();
      assertThat(nothing.drift().grids()).isEmpty();
      nothing.write(folder.resolve("report.html"));
    }
  }

  @Test
  void readsFilesOfBeforeAColumnCame(@TempDir Path old) throws Exception {
    Path day = Files.createDirectories(old.resolve("alerts/date=2026-01-05"));
    LakeFixture.query(
        lake,
        "copy (select * exclude (threshold, resolved) from {alerts} where alert_id = 'srm-1') to '%s/a.parquet'"
            .formatted(day));
    assertThat(LakeReport.read(old, TimeRange.ALL, CLOCK).alerts().alerts())
        .singleElement()
        .satisfies(alert -> assertThat(alert.threshold()).isNull())
        .satisfies(alert -> assertThat(alert.resolved()).isNull());
  }

  @Test
  void saysInOneLineWhatCannotBeRead(@TempDir Path broken) throws Exception {
    Path day = Files.createDirectories(broken.resolve("alerts/date=2026-01-05"));
    Files.writeString(day.resolve("a.parquet"), "no Parquet");
    assertThatThrownBy(() -> LakeReport.read(broken, TimeRange.ALL, CLOCK))
        .hasMessageContaining("Cannot read " + broken)
        .hasMessageContaining("a.parquet");
  }

  @Test
  void letsNoTextOfTheDataOutOfItsElement() throws Exception {
    String page = ReportPage.of(report);
    assertThat(page).doesNotContain("<img").doesNotContain("<b>\"x\"");
    assertThat(page.split("</script>", -1)).as("15 of its own").hasSize(16);
    assertThat(ReportPage.data(report)).doesNotContain("<", ">", "&");
    assertThat(page).doesNotContainPattern("(src|href)=\"?https?:");
  }

  @Test
  void readsOnlyColumnsThatTheContractsHave() throws Exception {
    Map<LakeTable, Schema> contracts =
        Map.of(
            LakeTable.ROLLOUTS, ModelRollout.getClassSchema(),
            LakeTable.PREDICTIONS, Prediction.getClassSchema(),
            LakeTable.MODEL_PERFORMANCE, ModelPerformance.getClassSchema(),
            LakeTable.DRIFT_STATISTICS, DriftStatistics.getClassSchema(),
            LakeTable.EXPERIMENT_METRICS, ExperimentMetrics.getClassSchema(),
            LakeTable.EXPOSURES, Exposure.getClassSchema(),
            LakeTable.DEAD_LETTERS, DeadLetter.getClassSchema(),
            LakeTable.ALERTS, Alert.getClassSchema());
    record Column(String name) {}
    try (Lake columns = Lake.open(lake, TimeRange.ALL)) {
      for (LakeTable table : LakeTable.values()) {
        List<String> fields =
            contracts.get(table).getFields().stream().map(Schema.Field::name).toList();
        assertThat(
                columns.rows(
                    Column.class,
                    "select column_name from duckdb_columns() where table_name = '%s'"
                        .formatted(table.table())))
            .as(table.table())
            .extracting(Column::name)
            .isSubsetOf(fields);
      }
    }
  }

  private static Performance.Series series(String metric, int version) {
    return report.performance().series().stream()
        .filter(s -> s.metric().equals(metric) && s.version() == version)
        .filter(s -> s.company().equals("*") && s.segment().equals("*"))
        .findFirst()
        .orElseThrow();
  }

  private static long drifted(Drift.Grid grid) {
    return grid.cells().stream()
        .filter(cell -> cell.statistics().stream().anyMatch(Drift.Statistic::drifted))
        .count();
  }

  private static long number(String select) throws Exception {
    return (Long) LakeFixture.query(lake, "select " + select).get(0).get(0);
  }
}
