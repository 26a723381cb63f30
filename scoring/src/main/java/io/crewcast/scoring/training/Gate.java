package io.crewcast.scoring.training;

import io.crewcast.scoring.model.ModelSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Decides whether a new version is good enough to be published: on triggers later than all that
 * trained or tuned anyone, it beats the champion and the fallback beyond chance, is calibrated,
 * loses in no segment of many labels, and answers in time.
 */
record Gate(ModelSpec.Gate conditions, List<Example> test, Yardstick yardstick) {

  private static final int SEGMENT_LABELS = 500;

  /** Of metrics in units of the label, by the other's. */
  private static final double SEGMENT_LOSS = 0.02;

  /**
   * Asks all of it.
   *
   * @param model the scores of the new version
   * @param champion what became of the search for one
   * @param segments of the test part
   * @param p99 how long a score takes
   */
  Verdict judge(
      Scored model, Champion champion, Scored fallback, List<Segment> segments, Duration p99) {
    List<String> reasons = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    List<Scored> rivals = new ArrayList<>();
    if (conditions.beats().contains(ModelSpec.Rival.CHAMPION)) {
      if (champion instanceof Champion.Rival rival) {
        rivals.add(rival.scored());
      } else if (champion instanceof Champion.Incomparable incomparable) {
        reasons.add(incomparable.reason());
      } else if (champion instanceof Champion.None none) {
        notes.add(none.reason());
      }
    }
    if (conditions.beats().contains(ModelSpec.Rival.FALLBACK)) {
      rivals.add(fallback);
    }
    List<Verdict.Comparison> comparisons =
        rivals.stream().map(rival -> compare(model, rival)).toList();
    comparisons.forEach(comparison -> requireBetter(comparison, reasons));
    requireCalibrated(model, reasons);
    rivals.forEach(rival -> requireNoLoss(rival.name(), segments, reasons));
    if (p99.compareTo(conditions.budget()) > 0) {
      reasons.add(
          "a score takes %d us at the 99th percentile, the budget is %d us: train smaller trees"
              .formatted(p99.toNanos() / 1_000, conditions.budget().toNanos() / 1_000));
    }
    return new Verdict(
        conditions.metric().yamlName(), conditions.margin(), comparisons, reasons, notes);
  }

  private Verdict.Comparison compare(Scored model, Scored rival) {
    Metrics.Weighted ofModel = Metrics.of(conditions.metric(), model.outputs(), yardstick);
    Metrics.Weighted ofRival = Metrics.of(conditions.metric(), rival.outputs(), yardstick);
    int[] once = new int[test.size()];
    Arrays.fill(once, 1);
    ClusterBootstrap bootstrap = new ClusterBootstrap(test.stream().map(Example::cluster).toList());
    ClusterBootstrap.Interval interval =
        bootstrap.interval(
            weights -> conditions.metric().gain(ofModel.at(weights), ofRival.at(weights)));
    return new Verdict.Comparison(
        rival.name(),
        ofModel.at(once),
        ofRival.at(once),
        conditions.metric().gain(ofModel.at(once), ofRival.at(once)),
        interval.low(),
        interval.high(),
        bootstrap.clusters());
  }

  private void requireBetter(Verdict.Comparison comparison, List<String> reasons) {
    if (!(comparison.low() > conditions.margin())) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "%s %.4f is not surely better than %.4f of the %s: the difference is %.4f, 95 %% interval %.4f to %.4f over %d clusters, and must stay above %s",
              conditions.metric().yamlName(),
              comparison.model(),
              comparison.otherValue(),
              comparison.other(),
              comparison.difference(),
              comparison.low(),
              comparison.high(),
              comparison.clusters(),
              conditions.margin()));
    }
  }

  private void requireCalibrated(Scored model, List<String> reasons) {
    ModelSpec.Bounds bounds = conditions.calibration();
    if (bounds == null) {
      return;
    }
    double ratio = Metrics.calibrationRatio(Scored.column(model.outputs(), 0), yardstick.values());
    if (!bounds.contains(ratio)) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "the calibration ratio is %.3f, outside of %s to %s",
              ratio,
              bounds.least(),
              bounds.most()));
    }
  }

  private void requireNoLoss(String rival, List<Segment> segments, List<String> reasons) {
    for (Segment segment : segments) {
      Double model = segment.metric().get(Scored.MODEL);
      Double other = segment.metric().get(rival);
      if (model == null || other == null || segment.count() < SEGMENT_LABELS) {
        continue;
      }
      double gain = conditions.metric().gain(model, other);
      double most = conditions.metric().isInUnitsOfTheLabel() ? SEGMENT_LOSS * other : SEGMENT_LOSS;
      if (gain <= -most) {
        reasons.add(
            String.format(
                Locale.ROOT,
                "where %s is %s (%d labels) %s is %.4f, of the %s %.4f: a loss of %.4f",
                segment.input(),
                segment.value(),
                segment.count(),
                conditions.metric().yamlName(),
                model,
                rival,
                other,
                -gain));
      }
    }
  }
}
