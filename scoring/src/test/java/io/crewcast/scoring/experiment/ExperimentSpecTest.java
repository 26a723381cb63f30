package io.crewcast.scoring.experiment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.ValueType;
import io.crewcast.scoring.experiment.ExperimentSpec.Margin;
import io.crewcast.scoring.experiment.ExperimentSpec.Metric;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.rollout.Variation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExperimentSpecTest {

  private static final String MODEL =
      """
      model: overrun
      about: Probability of an overrun
      scores: task
      trigger: {from: task, when: status == "STARTED", once_per: task_id}
      label: {positive: task.logged_minutes > 10.0, negative: task.status == "COMPLETED", within: 90d}
      inputs: {task: [logged_minutes, status]}
      train: {objective: "binary:logistic", split: {train: 70%, validate: 15%, test: 15%}}
      serve: {fallback: [0.28]}
      """;

  private static final String TRIAL =
      """
      experiment: trial
      about: Whether it helps
      model: overrun
      unit: project
      variations: {champion: 1, challenger: fallback}
      weights: {champion: 60%, challenger: 40%}
      coverage: 20%
      audience: planned_minutes > 30.0
      start: 2026-01-05T00:00:00Z
      end: 2026-02-05T00:00:00Z
      planned_units: 400
      alpha: 0.1
      correction: bh
      covariate: task.logged_minutes
      goals:
        overruns: {from: label, kind: ratio, per: count, window: 30d, good: decrease}
      guardrails:
        corrected: {from: correction, kind: mean, cap: 480, window: 12h, good: decrease, margin: 5%}
        refused: {from: refused, kind: proportion, window: 7d, good: decrease, margin: 0.02}
      """;

  private static final FeatureSchema TASK =
      new FeatureSchema(
          EntityType.TASK,
          "A task",
          List.of(
              new FeatureSchema.Column("logged_minutes", ValueType.LONG, "Logged"),
              new FeatureSchema.Column("status", ValueType.STRING, "Status")));

  @TempDir private Path directory;
  private List<ModelSpec> models;

  @BeforeEach
  void defineTheModel() throws IOException {
    Path file = Files.writeString(directory.resolve("overrun.yaml"), MODEL);
    models = List.of(ModelSpec.load(file, Map.of(EntityType.TASK, TASK)));
  }

  private ExperimentSpec load(String text) throws IOException {
    return ExperimentSpec.load(Files.writeString(directory.resolve("trial.yaml"), text), models);
  }

  @Test
  void readsWhoIsServedWhatAndHowThatIsCompared() throws IOException {
    ExperimentSpec spec = load(TRIAL);

    assertThat(spec.unit()).isEqualTo(EntityType.PROJECT);
    assertThat(spec.variations())
        .containsExactly(new Variation("champion", 1, 0.6), new Variation("challenger", null, 0.4));
    assertThat(spec.coverage()).isEqualTo(0.2);
    assertThat(spec.metrics())
        .containsExactly(
            new Metric(
                "overruns",
                MetricKind.RATIO,
                "label",
                "count",
                null,
                Duration.ofDays(30),
                false,
                null),
            new Metric(
                "corrected",
                MetricKind.MEAN,
                "correction",
                null,
                480.0,
                Duration.ofHours(12),
                false,
                new Margin(0.05, true)),
            new Metric(
                "refused",
                MetricKind.PROPORTION,
                "refused",
                null,
                null,
                Duration.ofDays(7),
                false,
                new Margin(0.02, false)));
    assertThat(spec.correction()).isEqualTo(Correction.BH);
    assertThat(spec.covariate()).isEqualTo(new ExperimentSpec.Covariate("task.logged_minutes", 0));
    assertThat(spec.closes()).isEqualTo(Instant.parse("2026-03-07T00:00:00Z"));
    assertThat(spec.runsAt(spec.start())).isTrue();
    assertThat(spec.runsAt(spec.end())).isFalse();
  }

  @Test
  void sharesUnitsEquallyAndTakesAllWhereNothingElseIsSaid() throws IOException {
    ExperimentSpec spec =
        load(
            TRIAL.replaceAll(
                "(weights|coverage|alpha|correction|covariate|audience|unit): .*\n", ""));

    assertThat(spec.variations()).extracting(Variation::weight).containsExactly(0.5, 0.5);
    assertThat(spec.coverage()).isEqualTo(1);
    assertThat(spec.alpha()).isEqualTo(0.05);
    assertThat(spec.correction()).isEqualTo(Correction.HOLM);
    assertThat(spec.unit()).isNull();
  }

  @Test
  void growsByTheStepsOfItsRampAndOnlyAdvisesUnlessToldToAct() throws IOException {
    String ramp = "ramp: [1%, 5%, 100%]\n";
    ExperimentSpec spec = load(TRIAL.replace("coverage: 20%\n", ramp));
    assertThat(spec.ramp())
        .isEqualTo(new Ramp(List.of(0.01, 0.05, 1.0), Duration.ofDays(1), false));
    assertThat(spec.firstCoverage()).isEqualTo(0.01);
    spec = load(TRIAL.replace("coverage: 20%\n", ramp + "hold: 6h\nact: automatic\n"));
    assertThat(spec.ramp())
        .isEqualTo(new Ramp(List.of(0.01, 0.05, 1.0), Duration.ofHours(6), true));
    spec = load(TRIAL.replace("coverage: 20%\n", "coverage: 20%\nact: automatic\n"));
    assertThat(spec.ramp()).isEqualTo(new Ramp(List.of(), Duration.ofDays(1), true));
    assertThat(spec.firstCoverage()).isEqualTo(0.2);
    assertThat(load(TRIAL).ramp()).isEqualTo(Ramp.NONE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "experiment: trial|experiment: other|1: experiment 'other' must be snake_case and the name of its file",
        "model: overrun|model: overun|3: no model 'overun' is defined; use one of overrun",
        "unit: project|unit: widget|4: unit 'widget': a task names company, task, project, crew, worker",
        "champion: 1, challenger: fallback|champion: 1|5: variations needs a control and another, such as {a: 1, b: 2}",
        "challenger: fallback|challenger: newest|5: challenger: 'newest' is no version; write such as 2, or fallback",
        "champion: 60%|champion: 50%|6: the shares of weights do not add up to 100%",
        "champion: 60%,|other: 60%,|6: weights needs one share each of [champion, challenger]",
        "coverage: 20%|coverage: 0.2|7: '0.2' is no share; write such as 70%",
        "coverage: 20%|coverage: 0%|7: coverage 0% exposes nobody; write such as 20%",
        "coverage: 20%|ramp: [5%, 1%]|7: the steps of ramp do not grow; write such as [1%, 10%, 100%]",
        "coverage: 20%|ramp: [0%, 1%]|7: the steps of ramp do not grow; write such as [1%, 10%, 100%]",
        "coverage: 20%|ramp: [0.01]|7: '0.01' is no share; write such as 70%",
        "alpha: 0.1|ramp: [1%]|7: coverage and ramp: keep one, the first step is the coverage",
        "alpha: 0.1|hold: 1d|12: hold is between the steps of a ramp; add ramp, or remove it",
        "alpha: 0.1|act: alone|12: act: alone; write automatic or advise",
        "planned_minutes > 30.0|planed > 30.0|8: 'planed > 30.0': 'planed' is not known here",
        "start: 2026-01-05T00:00:00Z|start: January|9: start: 'January' is no instant; write 2026-01-01T00:00:00Z",
        "end: 2026-02-05|end: 2025-02-05|10: end is not after start",
        "planned_units: 400|planned_units: 0|11: planned_units: write how many units a decision is expected at",
        "planned_units: 400|planned_units: many|11: planned_units: 'many' stands where a number is needed",
        "alpha: 0.1|alpha: 1|12: alpha is above 0 and below 0.5; write such as 0.05",
        "correction: bh|correction: none|13: correction: none; write holm or bh",
        "covariate: task.logged_minutes|covariate: task.status|14: covariate task.status is no number; name one",
        "covariate: task.logged_minutes|covariate: task.x|14: covariate 'task.x' is no input of overrun; use one of task.logged_minutes",
        "per: count, |\"\"|16: overruns is a ratio; say per: count, or per: the observation to divide by",
        "kind: mean|kind: mean, per: count|18: corrected is no ratio; remove per",
        "kind: mean|kind: median|18: corrected: kind 'median' is none; use one of mean, proportion, ratio",
        "cap: 480|cap: -1|18: corrected: cap is above 0 and of a mean or ratio; write such as cap: 480",
        "window: 30d|window: 30m|16: '30m' is no duration; write such as 12h or 90d",
        "window: 30d, |\"\"|16: overruns: 'window' is missing; add it",
        "good: decrease}|good: less}|16: overruns: good: less; write increase or decrease",
        ", margin: 0.02|\"\"|19: refused: 'margin' is missing; write what it may be worse by, such as 5% or 0",
        "margin: 0.02|margin: -1|19: refused: margin is 0 or more, in the metric's unit or in %",
        "good: decrease}|good: decrease, margin: 1}|16: overruns is a goal; move it to guardrails or remove margin",
        "refused: {|overruns: {|19: overruns is a goal too; call one of them otherwise",
        "about:|abut:|2: no entry 'abut' here; use one of",
        "about: Whether it helps|\"\"|1: 'about' is missing; add it",
      })
  void saysInOneLineWhatIsWrongAndWhere(String right, String wrong, String message) {
    assertThatThrownBy(() -> load(TRIAL.replaceFirst(java.util.regex.Pattern.quote(right), wrong)))
        .isInstanceOf(InvalidExperimentException.class)
        .hasMessageStartingWith(directory.resolve("trial.yaml") + ":" + message)
        .hasMessageNotContaining("\n");
  }

  @Test
  void needsALabelForAMetricOfIt() throws IOException {
    String unlabelled =
        MODEL
            .replaceFirst("label: .*\n", "")
            .replaceFirst("train: .*\n", "train: {objective: robust_deviation}\n");
    Path file = Files.writeString(directory.resolve("overrun.yaml"), unlabelled);
    models = List.of(ModelSpec.load(file, Map.of(EntityType.TASK, TASK)));
    assertThatThrownBy(() -> load(TRIAL))
        .hasMessageEndingWith("16: overruns: the model has no label; name an observation");
  }

  @Test
  void findsNoExperimentsWhereThereIsNoFolder() {
    assertThat(ExperimentSpec.loadAll(directory.resolve("none"), models)).isEmpty();
  }
}
