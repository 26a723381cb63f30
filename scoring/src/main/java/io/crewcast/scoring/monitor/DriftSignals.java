package io.crewcast.scoring.monitor;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toList;
import static java.util.stream.Collectors.toSet;

import io.crewcast.schemas.AlertSeverity;
import io.crewcast.schemas.DriftReference;
import io.crewcast.schemas.DriftStatistics;
import io.crewcast.schemas.stream.Signal;
import io.crewcast.schemas.stream.WindowCounts;
import io.crewcast.scoring.drift.Method;
import io.crewcast.scoring.drift.Quality;
import io.crewcast.scoring.model.ModelSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether a window's rows are worth an alert: an input whose values are broken as such, and all
 * others that have drifted together. What broken inputs explain, their own drift and that of the
 * answers, is not told twice. What is critical needs no second look: a broken input, or a PSI that
 * is called a major shift.
 */
record DriftSignals(ModelSpec spec, WindowCounts window, List<DriftStatistics> rows) {

  private static final int NAMED = 5;
  private static final Set<String> QUALITY =
      Arrays.stream(Quality.Measure.values()).map(Quality.Measure::label).collect(toSet());

  List<Signal> signals() {
    List<Signal> signals = new ArrayList<>();
    Set<String> broken =
        rows.stream()
            .filter(row -> QUALITY.contains(row.getMethod()) && row.getDrifted())
            .map(DriftStatistics::getFeature)
            .collect(toSet());
    rows.stream()
        .filter(row -> QUALITY.contains(row.getMethod()) && !row.getInsufficient())
        .collect(groupingBy(DriftStatistics::getFeature, LinkedHashMap::new, toList()))
        .forEach((feature, measures) -> signals.add(quality(feature, measures)));
    drift(broken).ifPresent(signals::add);
    return signals;
  }

  private Signal quality(String feature, List<DriftStatistics> measures) {
    List<DriftStatistics> bad = measures.stream().filter(DriftStatistics::getDrifted).toList();
    DriftStatistics worst = bad.isEmpty() ? measures.get(0) : bad.get(0);
    return signal("quality of " + feature, bad, AlertSeverity.CRITICAL, worst)
        .setMessage(
            bad.isEmpty()
                ? "%s of %s is as it was in training".formatted(feature, inWords())
                : "%s of %s: %s. See whether its source is broken"
                    .formatted(
                        feature,
                        inWords(),
                        bad.stream()
                            .map(
                                row ->
                                    "%s %.1f %%, allowed %.1f %%"
                                        .formatted(
                                            row.getMethod().replace('_', ' '),
                                            100 * row.getDriftScore(),
                                            100 * row.getThreshold()))
                            .collect(joining(", "))))
        .build();
  }

  /** Empty where no input has enough entities. */
  private Optional<Signal> drift(Set<String> broken) {
    List<DriftStatistics> judged =
        rows.stream()
            .filter(row -> row.getMethod().equals(Method.PSI.label()) && !row.getInsufficient())
            .filter(row -> spec.monitor().against().contains(row.getReference()))
            .filter(row -> !broken.contains(row.getFeature()))
            .filter(row -> broken.isEmpty() || isInput(row.getFeature()))
            .toList();
    if (judged.isEmpty()) {
      return Optional.empty();
    }
    List<DriftStatistics> drifted =
        judged.stream()
            .filter(DriftStatistics::getDrifted)
            .sorted(Comparator.comparingDouble(DriftStatistics::getDriftScore).reversed())
            .toList();
    DriftStatistics worst = drifted.isEmpty() ? judged.get(0) : drifted.get(0);
    boolean isMajor = worst.getDrifted() && worst.getDriftScore() >= Method.MAJOR_PSI;
    return Optional.of(
        signal("drift", drifted, isMajor ? AlertSeverity.CRITICAL : AlertSeverity.WARNING, worst)
            .setMessage(
                drifted.isEmpty()
                    ? inWords() + " sees what it saw before"
                    : "inputs or answers of %s have drifted%s%s. If the world has changed, ./crewcast train %s"
                        .formatted(
                            inWords(),
                            from(DriftReference.TRAINING, " from training: ", drifted),
                            from(DriftReference.LAST_WEEK, " from the week before: ", drifted),
                            spec.name()))
            .build());
  }

  private static String from(DriftReference kind, String words, List<DriftStatistics> drifted) {
    List<DriftStatistics> ofKind =
        drifted.stream().filter(row -> row.getReference() == kind).toList();
    return ofKind.isEmpty() ? "" : words + named(ofKind);
  }

  private boolean isInput(String feature) {
    return spec.inputs().stream().anyMatch(input -> input.name().equals(feature));
  }

  private static String named(List<DriftStatistics> drifted) {
    return drifted.stream()
            .limit(NAMED)
            .map(row -> "%s (PSI %.2f)".formatted(row.getFeature(), row.getDriftScore()))
            .collect(joining(", "))
        + (drifted.size() > NAMED ? " and %d more".formatted(drifted.size() - NAMED) : "");
  }

  private String length() {
    Duration length = Duration.between(window.getWindowStart(), window.getWindowEnd());
    return length.toHours() % 24 == 0 ? length.toDays() + "d" : length.toHours() + "h";
  }

  private String inWords() {
    return "version %d of %s".formatted(window.getModelVersion(), spec.name());
  }

  private Signal.Builder signal(
      String trouble, List<DriftStatistics> bad, AlertSeverity severity, DriftStatistics worst) {
    return Signal.newBuilder()
        .setSubject("model." + spec.name())
        .setTopic("%s, version %d, %s".formatted(trouble, window.getModelVersion(), length()))
        .setCompanyId(window.getCompanyId())
        .setBad(!bad.isEmpty())
        .setSeverity(severity)
        .setValue(worst.getDriftScore())
        .setThreshold(worst.getThreshold())
        .setConfirm(severity == AlertSeverity.CRITICAL && !bad.isEmpty() ? 1 : spec.monitor().bad())
        .setOf(spec.monitor().of())
        .setAsOf(window.getWindowEnd());
  }
}
