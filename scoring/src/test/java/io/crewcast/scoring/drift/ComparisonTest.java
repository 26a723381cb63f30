package io.crewcast.scoring.drift;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.scoring.model.Profile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ComparisonTest {

  private static final int FEATURES = 20;

  /** A value that differs from entity to entity, and in one entity from row to row a little. */
  private interface Draw {
    double next(SplittableRandom random);
  }

  private static final Draw NORMAL = SplittableRandom::nextGaussian;

  /** Of several shapes: a third of them normal, a third skew, a third counts of few. */
  private static Draw shape(int feature) {
    return switch (feature % 3) {
      case 0 -> NORMAL;
      case 1 -> random -> Math.exp(1.5 * random.nextGaussian());
      default -> random -> Math.floor(-3 * Math.log(random.nextDouble()));
    };
  }

  private static double[] draw(SplittableRandom random, Draw draw, int count) {
    double[] values = new double[count];
    Arrays.setAll(values, i -> draw.next(random));
    return values;
  }

  private static CellCounts count(Cells cells, double[] values) {
    long[] counts = new long[cells.size()];
    for (double value : values) {
      counts[cells.of(value)]++;
    }
    return new CellCounts(
        counts,
        Arrays.stream(values).min().orElseThrow(),
        Arrays.stream(values).max().orElseThrow());
  }

  /**
   * Twenty features of no drift, each entity with up to twenty rows of one value: how many of the
   * feature-windows alarm, by measure.
   */
  @ParameterizedTest
  @CsvSource({"200, 3000", "1000, 1500", "5000, 300", "50000, 50"})
  void hardlyEverAlarmsWhereNothingHasChanged(int entities, int windows) {
    var random = new SplittableRandom(20_261_128 + entities);
    Map<Method, Integer> alarms = new EnumMap<>(Method.class);
    for (int feature = 0; feature < FEATURES; feature++) {
      Draw draw = shape(feature);
      Cells cells = new Cells(Profile.ofNumbers(draw(random, draw, 10_000), 10_000));
      for (int window = 0; window < windows; window++) {
        CellCounts current = oncePerEntity(cells, random, draw, entities);
        for (Measured measured :
            new Comparison(cells, cells.reference(), cells.references(), current, current.sum())
                .measures()) {
          alarms.merge(measured.method(), measured.drifted(null) ? 1 : 0, Integer::sum);
        }
      }
    }
    System.out.printf(
        "%,d entities, %,d feature-windows: %s%n", entities, FEATURES * windows, alarms);
    assertThat(alarms.keySet()).containsExactly(Method.values());
    alarms.forEach(
        (method, count) ->
            assertThat(count)
                .as("alarms of %s in %d feature-windows", method, FEATURES * windows)
                .isLessThanOrEqualTo(FEATURES * windows / 1_000));
  }

  /** Rows of an entity repeat its value; which of them counts is told by nothing but their time. */
  private static CellCounts oncePerEntity(
      Cells cells, SplittableRandom random, Draw draw, int entities) {
    List<Double> rows = new ArrayList<>();
    List<Integer> owners = new ArrayList<>();
    for (int entity = 0; entity < Math.min(entities, 1_000); entity++) {
      double value = draw.next(random);
      int count = 1 + random.nextInt(20);
      for (int row = 0; row < count; row++) {
        rows.add(value);
        owners.add(entity);
      }
    }
    boolean[] seen = new boolean[1_000];
    List<Double> counted = new ArrayList<>();
    for (int row = 0; row < rows.size(); row++) {
      if (!seen[owners.get(row)]) {
        seen[owners.get(row)] = true;
        counted.add(rows.get(row));
      }
    }
    CellCounts first = count(cells, counted.stream().mapToDouble(Double::doubleValue).toArray());
    return entities <= 1_000
        ? first
        : first.plus(count(cells, draw(random, draw, entities - 1_000)));
  }

  @Test
  void alarmsOfHalfADeviationWithinOneWindow() {
    var random = new SplittableRandom(1);
    int found = 0;
    int windows = 1_000;
    for (int window = 0; window < windows; window++) {
      Cells cells = new Cells(Profile.ofNumbers(draw(random, NORMAL, 10_000), 10_000));
      CellCounts shifted = count(cells, draw(random, r -> 0.5 + r.nextGaussian(), 1_000));
      found += psi(cells, shifted).drifted(null) ? 1 : 0;
    }
    System.out.printf("half a deviation, 1,000 entities: %d of %d windows%n", found, windows);
    assertThat(found).isGreaterThanOrEqualTo(windows * 99 / 100);
  }

  private static Measured psi(Cells cells, CellCounts current) {
    return new Comparison(cells, cells.reference(), cells.references(), current, current.sum())
        .measures()
        .get(Method.PSI.ordinal());
  }

  /** What METHODS of the field get wrong: rows for entities. */
  @Test
  void wouldAlarmAllTheTimeIfRowsWereCounted() {
    var random = new SplittableRandom(2);
    Cells cells = new Cells(Profile.ofNumbers(draw(random, NORMAL, 10_000), 10_000));
    int byRows = 0;
    int byEntities = 0;
    for (int window = 0; window < 500; window++) {
      double[] workers = draw(random, NORMAL, 60);
      double[] rows = new double[60 * 20];
      Arrays.setAll(rows, row -> workers[row / 20]);
      byRows += psi(cells, count(cells, rows)).drifted(null) ? 1 : 0;
      byEntities += psi(cells, count(cells, workers)).drifted(null) ? 1 : 0;
    }
    System.out.printf("60 workers, 20 rows each: %d by rows, %d by workers%n", byRows, byEntities);
    assertThat(byRows).isGreaterThan(300);
    assertThat(byEntities).isLessThanOrEqualTo(3);
  }

  @Test
  void seesWhatIsMissingAndTextsThatAreNew() {
    Cells numbers =
        new Cells(Profile.ofNumbers(draw(new SplittableRandom(3), NORMAL, 1_000), 1_000));
    long[] counts = new long[numbers.size()];
    Arrays.fill(counts, 0, numbers.missing(), 30);
    counts[numbers.missing()] = 700;
    assertThat(psi(numbers, new CellCounts(counts, -1.0, 1.0)).drifted(null)).isTrue();

    Cells texts = new Cells(Profile.ofTexts(List.of("build", "build", "test"), 3));
    assertThat(texts.names()).containsExactly("build", "test", "(other)", "(missing)");
    assertThat(List.of(texts.of("test"), texts.of("plan"), texts.of(null)))
        .containsExactly(1, texts.other(), texts.missing());
  }

  @Test
  void doesNotJudgeWhatBothSidesLeaveEmpty() {
    Cells cells = new Cells(Profile.ofNumbers(new double[] {Double.NaN}, 1));
    CellCounts none = CellCounts.none(cells.size());
    assertThat(new Comparison(cells, cells.reference(), 1, none, 0).measures()).isEmpty();
    long[] missing = new long[cells.size()];
    missing[cells.missing()] = 300;
    List<Measured> measures =
        new Comparison(cells, cells.reference(), 1, new CellCounts(missing, null, null), 300)
            .measures();
    assertThat(measures).extracting(Measured::method).doesNotContain(Method.KS);
    assertThat(measures).noneMatch(measured -> measured.drifted(null));
  }

  @Test
  void saysThatValuesAreConstantWhereChanceCannotMakeThemSo() {
    double[] rare = new double[1_000];
    rare[0] = 1;
    Cells seldom = new Cells(Profile.ofNumbers(rare, 1_000));
    Cells varied =
        new Cells(Profile.ofNumbers(draw(new SplittableRandom(4), NORMAL, 1_000), 1_000));
    assertThat(constant(seldom, 200, 0).isBad()).isFalse();
    assertThat(constant(varied, 200, 0).isBad()).isTrue();
    assertThat(constant(varied, 1, 199).isBad()).isFalse();
  }

  private static Quality.Found constant(Cells cells, int zeros, int missing) {
    long[] counts = new long[cells.size()];
    counts[cells.of(0.0)] = zeros;
    counts[cells.missing()] = missing;
    return Quality.of(cells, new CellCounts(counts, 0.0, 0.0), 0).stream()
        .filter(found -> found.measure() == Quality.Measure.CONSTANT)
        .findFirst()
        .orElseThrow();
  }
}
