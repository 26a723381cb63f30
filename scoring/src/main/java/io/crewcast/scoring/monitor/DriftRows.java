package io.crewcast.scoring.monitor;

import io.crewcast.schemas.DriftReference;
import io.crewcast.schemas.DriftStatistics;
import io.crewcast.schemas.stream.InputCounts;
import io.crewcast.schemas.stream.WindowCounts;
import io.crewcast.scoring.drift.CellCounts;
import io.crewcast.scoring.drift.Cells;
import io.crewcast.scoring.drift.Comparison;
import io.crewcast.scoring.drift.Measured;
import io.crewcast.scoring.drift.Method;
import io.crewcast.scoring.drift.Quality;
import io.crewcast.scoring.drift.Watched;
import io.crewcast.scoring.statistics.Corrections;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The rows of one window of one version. */
final class DriftRows {

  /** Measures the share of inputs that have drifted. */
  static final String DRIFTED_SHARE = "drifted_share";

  /** Share of drifted inputs from which on the whole is said to have drifted. */
  private static final double MANY = 0.5;

  private static final String ALL_INPUTS = "*";

  private final WindowCounts window;
  private final List<Watched> watched;
  private final int entities;
  private final List<DriftStatistics> rows = new ArrayList<>();

  /**
   * @param entities how many a window needs to be judged
   */
  DriftRows(WindowCounts window, List<Watched> watched, int entities) {
    this.window = window;
    this.watched = watched;
    this.entities = entities;
  }

  /** What a window is compared with: counts, and of how many different entities. */
  record Against(CellCounts counts, long entities) {}

  /** By which counts each watched value is compared; null: by none. */
  interface References {
    @Nullable Against of(int place);
  }

  List<DriftStatistics> rows() {
    return rows;
  }

  /**
   * How many different entities a value is of. Answers and labels are as different as what they
   * depend on: tasks of ten projects say as much as ten projects do.
   */
  private static long entities(WindowCounts window, int place, List<Watched> watched) {
    return watched.get(place).role() == Watched.Role.INPUT
        ? counts(window, place, watched.get(place).cells()).sum()
        : IntStream.range(0, watched.size())
            .filter(input -> watched.get(input).role() == Watched.Role.INPUT)
            .mapToLong(input -> counts(window, input, watched.get(input).cells()).sum())
            .reduce(counts(window, place, watched.get(place).cells()).sum(), Math::min);
  }

  private long entities(int place) {
    return entities(window, place, watched);
  }

  /**
   * The same of several windows, in each of which an entity may be: at most as many as the greatest
   * of them has.
   */
  long entitiesOf(List<WindowCounts> windows, int place) {
    return windows.stream().mapToLong(each -> entities(each, place, watched)).max().orElse(0);
  }

  Duration length() {
    return Duration.between(window.getWindowStart(), window.getWindowEnd());
  }

  CellCounts counts(int place) {
    return counts(window, place, watched.get(place).cells());
  }

  static CellCounts counts(WindowCounts window, int place, Cells cells) {
    long[] counts = new long[cells.size()];
    if (place >= window.getInputs().size()) {
      return CellCounts.none(cells.size());
    }
    InputCounts input = window.getInputs().get(place);
    for (int cell = 0; cell < input.getCounts().size(); cell++) {
      counts[cell] = input.getCounts().get(cell);
    }
    return new CellCounts(counts, input.getLeast(), input.getGreatest());
  }

  /** Adds the rows of all measures against one kind of reference. */
  void compare(DriftReference kind, References references) {
    List<Measure> measures = new ArrayList<>();
    for (int place = 0; place < watched.size(); place++) {
      Against against = references.of(place);
      CellCounts current = counts(place);
      if (against != null && current.sum() > 0 && !watched.get(place).isCalendar()) {
        Cells cells = watched.get(place).cells();
        for (Measured measured :
            new Comparison(cells, against.counts, against.entities, current, entities(place))
                .measures()) {
          measures.add(new Measure(place, measured, current, against.counts, entities(place)));
        }
      }
    }
    correct(measures);
    long inputs = 0;
    long drifted = 0;
    for (Measure measure : measures) {
      boolean isJudged = measure.entities >= entities;
      boolean isDrifted = isJudged && measure.measured.drifted(measure.corrected);
      rows.add(row(kind, measure, isJudged, isDrifted));
      if (measure.measured.method() == Method.PSI
          && watched.get(measure.place).role() == Watched.Role.INPUT
          && isJudged) {
        inputs++;
        drifted += isDrifted ? 1 : 0;
      }
    }
    if (!measures.isEmpty()) {
      rows.add(share(kind, inputs, drifted));
    }
  }

  private static final class Measure {
    private final int place;
    private final Measured measured;
    private final CellCounts current;
    private final CellCounts expected;
    private final long entities;
    private @Nullable Double corrected;

    private Measure(
        int place, Measured measured, CellCounts current, CellCounts expected, long entities) {
      this.place = place;
      this.measured = measured;
      this.current = current;
      this.expected = expected;
      this.entities = entities;
    }
  }

  /** Of each method over all that the window has enough entities of. */
  private void correct(List<Measure> measures) {
    for (Method method : Method.values()) {
      List<Measure> judged =
          measures.stream()
              .filter(measure -> measure.measured.method() == method)
              .filter(measure -> measure.measured.pValue() != null)
              .filter(measure -> measure.entities >= entities)
              .toList();
      double[] corrected =
          Corrections.benjaminiHochberg(
              judged.stream().mapToDouble(measure -> measure.measured.pValue()).toArray());
      for (int i = 0; i < corrected.length; i++) {
        judged.get(i).corrected = corrected[i];
      }
    }
  }

  private DriftStatistics row(
      DriftReference kind, Measure measure, boolean isJudged, boolean isDrifted) {
    Measured measured = measure.measured;
    DriftStatistics row =
        row(watched.get(measure.place).name(), kind, measured.method().label(), measure.entities);
    row.setDriftScore(measured.score());
    row.setLower(measured.lower());
    row.setUpper(measured.upper());
    row.setNullQuantile(measured.nullQuantile());
    row.setThreshold(measured.method().threshold());
    row.setPValue(measure.corrected);
    row.setDrifted(isDrifted);
    row.setInsufficient(!isJudged);
    row.setCurrent(list(measure.current.counts()));
    row.setExpected(list(measure.expected.counts()));
    row.setCells(watched.get(measure.place).cells().names());
    return row;
  }

  private DriftStatistics share(DriftReference kind, long inputs, long drifted) {
    long most = 0;
    for (int place = 0; place < watched.size(); place++) {
      most = Math.max(most, counts(place).sum());
    }
    DriftStatistics row = row(ALL_INPUTS, kind, DRIFTED_SHARE, most);
    row.setDriftScore(inputs == 0 ? null : (Double) ((double) drifted / inputs));
    row.setThreshold(MANY);
    row.setDrifted(inputs > 0 && (double) drifted / inputs >= MANY);
    row.setInsufficient(inputs == 0);
    return row;
  }

  /** Adds the rows of what is wrong with inputs as such. */
  void judgeQuality() {
    for (int place = 0; place < watched.size(); place++) {
      Watched one = watched.get(place);
      boolean isWatched = one.role() == Watched.Role.INPUT && !one.isCalendar(); // a day has one
      if (!isWatched || place >= window.getInputs().size()) {
        continue;
      }
      CellCounts current = counts(place);
      Cells reference = one.reference(length());
      if (reference == null) {
        continue;
      }
      long beyond = window.getInputs().get(place).getOutOfRange();
      for (Quality.Found found : Quality.of(reference, current, beyond)) {
        DriftStatistics row =
            row(one.name(), DriftReference.TRAINING, found.measure().label(), current.sum());
        boolean isJudged = current.sum() >= entities;
        row.setDriftScore(found.value());
        row.setNullQuantile(found.nullQuantile());
        row.setThreshold(found.threshold());
        row.setDrifted(isJudged && found.isBad());
        row.setInsufficient(!isJudged);
        rows.add(row);
      }
    }
  }

  private DriftStatistics row(String feature, DriftReference kind, String method, long count) {
    DriftStatistics row = new DriftStatistics();
    row.setModel(window.getModel());
    row.setModelVersion(window.getModelVersion());
    row.setCompanyId(window.getCompanyId());
    row.setFeature(feature);
    row.setReference(kind);
    row.setWindowStart(window.getWindowStart());
    row.setWindowEnd(window.getWindowEnd());
    row.setEntities(count);
    row.setMethod(method);
    row.setCurrent(List.of());
    row.setExpected(List.of());
    row.setCells(List.of());
    row.setAsOf(window.getWindowEnd());
    return row;
  }

  private static List<Long> list(long[] counts) {
    List<Long> list = new ArrayList<>(counts.length);
    for (long count : counts) {
      list.add(count);
    }
    return list;
  }
}
