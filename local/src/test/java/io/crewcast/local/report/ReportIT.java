package io.crewcast.local.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page as a browser shows it. */
@Timeout(60)
class ReportIT {
  @TempDir private static Path lake;
  private static Path page;
  private static Chromium chromium;

  @BeforeAll
  static void open() throws Exception {
    assumeTrue(
        Chromium.isThere(), "no /usr/bin/chromium: apt-get install chromium, as .ci/run does");
    LakeFixture.write(lake);
    page = lake.resolve("report.html");
    LakeReport.read(lake, TimeRange.ALL, Clock.systemUTC()).write(page);
    chromium = Chromium.start(page);
  }

  @AfterAll
  static void close() throws Exception {
    if (chromium != null) {
      chromium.close();
    }
  }

  @BeforeEach
  void asOnADesk() throws Exception {
    chromium.media("screen", "light");
    chromium.resize(1200, 900);
    chromium.open(page);
  }

  @Test
  void drawsEverySectionWithoutAnErrorAndAsksForNothing() throws Exception {
    assertThat(texts("main h2"))
        .containsExactly(
            "At a glance",
            "What served when",
            "Model performance",
            "Calibration",
            "Drift",
            "What moves the scores",
            "Experiments",
            "Data quality",
            "Alerts",
            "Made from");
    assertThat(chromium.value("document.querySelectorAll('main figure svg').length").asInt())
        .isGreaterThan(14);
    assertThat(chromium.value("document.querySelectorAll('.nothing').length").asInt()).isZero();
    assertThat(chromium.faults()).isEmpty();
    assertThat(chromium.requests()).isNotEmpty().allMatch(page.toUri().toString()::equals);
  }

  @Test
  void hasATableBesideEveryChart() throws Exception {
    assertThat(
            chromium
                .value(
                    "[...document.querySelectorAll('main figure')].filter(f => !f.parentElement.querySelector('details')).length")
                .asInt())
        .isZero();
    chromium.value("document.querySelectorAll('details').forEach(d => { d.open = true; })");
    chromium.settle();
    assertThat(
            chromium
                .value(
                    "[...document.querySelectorAll('main details')].filter(d => !d.querySelector('tbody tr')).length")
                .asInt())
        .isZero();
    assertThat(chromium.faults()).isEmpty();
  }

  @Test
  void showsTheFiguresOfTheTables() throws Exception {
    assertThat(tile("Predictions"))
        .isEqualTo(count("count(*) from {predictions} where model = 'task_overrun'"));
    assertThat(tile("Dead letters")).isEqualTo(count("count(*) from {dead_letters}"));
    assertThat(tile("Open alerts")).isEqualTo("2");
    for (String table : List.of("predictions", "drift_statistics", "exposures")) {
      assertThat(cells("#tables tbody tr", table).get(1))
          .isEqualTo(count("count(*) from {%s}".formatted(table)));
    }
    chromium.value(
        "document.querySelectorAll('#performance details').forEach(d => { d.open = true; })");
    chromium.settle();
    List<Object> newest =
        LakeFixture.query(
                lake,
                """
                select round("value", 3), round(fallback_value, 3), predictions, labelled from {model_performance}
                where metric = 'auc' and model_version = 4 and company_id = '*' and segment = '*' and window_start = timestamptz '2026-02-03 00:00:00+00'
                order by as_of desc limit 1
                """)
            .get(0);
    assertThat(cells("#performance .grid > :first-child tbody tr", "3 Feb 2026"))
        .startsWith("3 Feb 2026", "v4", newest.get(0).toString())
        .contains(newest.get(1).toString(), newest.get(2).toString(), newest.get(3).toString())
        .endsWith("50 %", "provisional");
  }

  @Test
  void showsTheDistributionsBehindACellByKeyboard() throws Exception {
    for (int i = 0; i < 120 && !onTheHeatMap(); i++) {
      chromium.press("Tab");
    }
    assertThat(onTheHeatMap()).as("Tab reaches the heat map").isTrue();
    chromium.press("ArrowDown");
    chromium.press("ArrowLeft");
    String label = chromium.value("document.activeElement.getAttribute('aria-label')").asText();
    assertThat(label).startsWith("score, 2 Feb 2026: drifted");
    assertThat(chromium.text("#behind h3")).isEqualTo("worker.hours_7d");

    chromium.press("Enter");

    assertThat(chromium.text("#behind h3")).isEqualTo("score");
    assertThat(chromium.value("document.activeElement.getAttribute('aria-pressed')").asText())
        .isEqualTo("true");
    List<Object> row =
        LakeFixture.query(
                lake,
                """
                select "current"::varchar, expected::varchar, cells::varchar, entities from {drift_statistics}
                where model_version = 4 and company_id = '*' and feature = 'score' and reference = 'TRAINING' and "method" = 'psi'
                  and window_start = timestamptz '2026-02-02 00:00:00+00'
                """)
            .get(0);
    assertThat(column("#behind .bars", 0).toString()).isEqualTo(row.get(2));
    assertThat(column("#behind .bars", 2).toString()).isEqualTo(row.get(0));
    assertThat(column("#behind .bars", 4).toString()).isEqualTo(row.get(1));
    assertThat(chromium.text("#behind .facts"))
        .contains(String.format(Locale.ROOT, "Entities\n%,d", (Long) row.get(3)));
  }

  @Test
  void movesThroughAChartByKeyboard() throws Exception {
    chromium.value("document.querySelector('#performance svg[tabindex]').focus()");
    assertThat(chromium.text("#performance figcaption")).startsWith("3 Feb 2026");
    chromium.press("ArrowLeft");
    assertThat(chromium.text("#performance figcaption")).startsWith("2 Feb 2026");
  }

  @Test
  void fitsAPhone() throws Exception {
    chromium.resize(375, 800);
    assertThat(overflow()).isZero();
    assertThat(
            chromium
                .value(
                    "[...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll') && e.getBoundingClientRect().right > 376).length")
                .asInt())
        .isZero();
    assertThat(chromium.faults()).isEmpty();
  }

  @Test
  void isDarkWhereThatIsPreferredAndLightOnPaper() throws Exception {
    assertThat(brightness()).isGreaterThan(200);
    chromium.media("screen", "dark");
    assertThat(brightness()).isLessThan(60);
    chromium.media("print", "dark");
    assertThat(brightness()).isEqualTo(255);
    assertThat(chromium.value("document.querySelectorAll('details:not([open])').length").asInt())
        .isZero();
    chromium.resize(720, 1000);
    assertThat(overflow()).isZero();
    chromium.media("screen", "light");
    assertThat(chromium.value("document.querySelectorAll('details[open]').length").asInt())
        .isZero();
    assertThat(chromium.faults()).isEmpty();
  }

  @Test
  void takesNothingOfTheDataForMarkup() throws Exception {
    chromium.value(
        "(() => { const s = document.querySelector('#filters select'); s.selectedIndex = 1; s.dispatchEvent(new Event('change')); })()");
    chromium.settle();
    assertThat(chromium.text("#served"))
        .contains("Nothing was rolled out for </script><img src=x onerror=alert(1)>");
    assertThat(texts("#filters option")).contains("<b>\"x\"</b>", "birch & söhne");
    assertThat(chromium.value("document.querySelectorAll('img, main b > b').length").asInt())
        .isZero();
    assertThat(chromium.faults()).isEmpty();
  }

  @Test
  void saysWhatFillsATableThatIsNotThere(@TempDir Path nothing) throws Exception {
    Path empty = nothing.resolve("report.html");
    LakeReport.read(nothing, TimeRange.ALL, Clock.systemUTC()).write(empty);
    chromium.open(empty);
    assertThat(chromium.text("#drift"))
        .contains("The lake has no table drift_statistics: MonitoringJob writes it");
    assertThat(chromium.value("document.querySelectorAll('.nothing').length").asInt())
        .isGreaterThanOrEqualTo(9);
    assertThat(chromium.faults()).isEmpty();
  }

  private static boolean onTheHeatMap() throws Exception {
    return chromium.value("document.activeElement.closest('.heat') !== null").asBoolean();
  }

  /** By how many pixels the page is wider than its window. */
  private static int overflow() throws Exception {
    return chromium
        .value("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        .asInt();
  }

  private static int brightness() throws Exception {
    return chromium
        .value("Number(getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0])")
        .asInt();
  }

  private static String tile(String what) throws Exception {
    return chromium
        .value(
            "[...document.querySelectorAll('.tile')].find(t => t.firstChild.textContent === '%s').querySelector('.figure').textContent"
                .formatted(what))
        .asText();
  }

  /** The cells of the first row that begins with a text. */
  private static List<String> cells(String rows, String first) throws Exception {
    return list(
        chromium.value(
            "[...[...document.querySelectorAll('%s')].find(r => r.cells[0].textContent === '%s').cells].map(c => c.textContent)"
                .formatted(rows, first)));
  }

  private static List<String> column(String table, int place) throws Exception {
    return list(
        chromium.value(
            "[...document.querySelectorAll('%s tbody tr')].map(r => r.cells[%d].textContent.replace(',', ''))"
                .formatted(table, place)));
  }

  private static List<String> texts(String selector) throws Exception {
    return list(
        chromium.value(
            "[...document.querySelectorAll('%s')].map(e => e.textContent)".formatted(selector)));
  }

  private static List<String> list(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(item -> texts.add(item.asText()));
    return texts;
  }

  private static String count(String select) throws Exception {
    return String.format(
        Locale.ROOT, "%,d", (Long) LakeFixture.query(lake, "select " + select).get(0).get(0));
  }
}
