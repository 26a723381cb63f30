package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.RobustDeviation;
import io.crewcast.scoring.serving.Answer;
import io.crewcast.scoring.serving.Budget;
import io.crewcast.scoring.serving.LoadedModels;
import io.crewcast.scoring.serving.Scorer;
import io.crewcast.scoring.serving.ServedModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each kind of model learns what is in examples of a known cause, and is served. */
final class ProblemTypesTest {

  private static final int EXAMPLES = 1_500;
  private static final Duration LOADING = Duration.ofSeconds(30);
  private static final String BINARY =
      "label: {positive: task.logged_minutes > task.planned_minutes, negative: task.status == \"COMPLETED\", within: 10d}";
  private static final String NUMBER =
      "label: {value: task.logged_minutes, when: task.status == \"COMPLETED\", within: 1d}";
  private static final String GATE =
      "gate: {metric: auc, segments: [phase], calibration: [0.8, 1.25]}";
  private static final String QUICKLY = "parameters: {eta: 0.3, max_depth: 3}, split: {";

  private final double[] minutes = new SplittableRandom(29).doubles(EXAMPLES, 0, 400).toArray();
  private final double[] luck = noise();

  @TempDir private Path directory;

  private static double[] noise() {
    SplittableRandom random = new SplittableRandom(31);
    double[] noise = new double[EXAMPLES];
    Arrays.setAll(noise, i -> random.nextGaussian());
    return noise;
  }

  private boolean isBuild(int i) {
    return i % 3 == 0;
  }

  /** Its cause: the plan and the phase, with luck of a known spread. */
  private double hours(int i) {
    return 10 + minutes[i] / 40 + (isBuild(i) ? 5 : 0) + luck[i];
  }

  @ParameterizedTest
  @ValueSource(strings = {"reg:squarederror", "reg:absoluteerror", "reg:gamma", "reg:tweedie"})
  void learnsANumberAndPassesTheGate(String objective) throws IOException {
    ModelSpec spec =
        model(
            BINARY,
            NUMBER,
            "binary:logistic",
            objective,
            GATE,
            "gate: {segments: [phase], calibration: [0.9, 1.1]}",
            "[0.5]",
            "[17.0]");
    ModelManifest manifest = train(spec, this::hours).manifest();
    // luck alone leaves an error of 1, and explains about a tenth of the variance
    assertThat(manifest.metrics().get("rmse")).isBetween(0.9, 1.3);
    assertThat(manifest.metrics().get("r2")).isGreaterThan(0.8);
    assertThat(manifest.metrics().get("bias")).isBetween(-0.2, 0.2);
    assertThat(manifest.baseline().get("rmse")).isGreaterThan(3);
    assertThat(manifest.gate().passed()).isTrue();
  }

  @Test
  void countsByPoisson() throws IOException {
    ModelSpec spec =
        model(BINARY, NUMBER, "binary:logistic", "count:poisson", GATE, "", "[0.5]", "[17.0]");
    ModelManifest manifest = train(spec, i -> Math.floor(hours(i))).manifest();
    assertThat(manifest.metrics().get("rmse")).isLessThan(manifest.baseline().get("rmse") / 2);
  }

  @Test
  void refusesLabelsThatTheObjectiveCannotLearn() throws IOException {
    ModelSpec spec = model(BINARY, NUMBER, "binary:logistic", "reg:gamma", GATE, "");
    assertThatThrownBy(() -> train(spec, i -> i % 50))
        .hasMessageContaining(
            "the least label is 0.0, which reg:gamma cannot learn: use reg:squared");
  }

  @Test
  void learnsQuantilesThatHoldAsOftenAsTheySay() throws IOException {
    ModelSpec spec =
        model(
            BINARY,
            NUMBER,
            "binary:logistic",
            "reg:quantileerror",
            GATE,
            "gate: {}",
            "[0.5]",
            "[17]");
    ModelDirectory.Version version = train(spec, this::hours);
    Map<String, Double> metrics = version.manifest().metrics();
    assertThat(version.manifest().outputs()).containsExactly("p10", "p50", "p90");
    assertThat(metrics.get("interval_coverage")).isBetween(0.7, 0.88);
    assertThat(metrics.get("below_p50")).isBetween(0.4, 0.6);
    assertThat(metrics.get("pinball")).isLessThan(version.manifest().baseline().get("pinball") / 2);
    assertThat(version.reference().orElseThrow().outputs()).containsOnlyKeys("p10", "p50", "p90");
    Answer answer = ask(spec, 200.0, "build");
    assertThat(answer.outputs()).hasSize(3);
    assertThat(answer.outputs()[1]).isCloseTo(20, within(1.5f));
    assertThat(answer.outputs()[2] - answer.outputs()[0]).isBetween(1.5f, 4f);
    assertThat(answer.baseValue() + Arrays.stream(answer.contributions()).sum())
        .isEqualTo(answer.outputs()[1], within(1e-3));
  }

  @Test
  void learnsClasses() throws IOException {
    ModelSpec spec =
        model(
            BINARY,
            "label: {classes: {low: task.logged_minutes < 16.0, normal: task.logged_minutes < 20.0, high: task.logged_minutes >= 20.0}, when: task.status == \"COMPLETED\", within: 1d}",
            "binary:logistic",
            "multi:softprob",
            GATE,
            "gate: {segments: [phase]}",
            "[0.5]",
            "[normal]");
    ModelDirectory.Version version = train(spec, i -> hours(i) < 16 ? 0 : hours(i) < 20 ? 1 : 2);
    Map<String, Double> metrics = version.manifest().metrics();
    assertThat(version.manifest().outputs()).containsExactly("low", "normal", "high");
    assertThat(metrics.get("accuracy")).isGreaterThan(0.75);
    assertThat(metrics.get("macro_auc")).isGreaterThan(0.9);
    assertThat(metrics.get("mlogloss")).isLessThan(0.6);
    assertThat(version.manifest().baseline().get("macro_auc")).isEqualTo(0.5);
    assertThat(new String(version.files().get("MODEL_CARD.md"), StandardCharsets.UTF_8))
        .contains("| score from | examples |", "- Label, class low: `task.logged_minutes < 16.0`")
        .doesNotContain("calibration ratio");
    Answer answer = ask(spec, 380.0, "build");
    assertThat(answer.outputs()[0] + answer.outputs()[1] + answer.outputs()[2])
        .isCloseTo(1, within(1e-5f));
    assertThat(answer.outputs()[2]).isGreaterThan(0.9f);
    assertThat(answer.contributions()[0]).isPositive(); // a long plan speaks for many hours
    assertThat(ask(spec, 5.0, "design").contributions()[0]).isPositive(); // a short one for few
    assertThat(served(spec).confidence(answer.outputs())).isEqualTo(answer.outputs()[2]);
  }

  @Test
  void ranksWithinACompanyAndPeriod() throws IOException {
    ModelSpec spec =
        model(
            BINARY,
            "label: {grade: {on_time: {weight: 0.5, is: task.status == \"COMPLETED\"}}, when: task.status == \"COMPLETED\", within: 1d}",
            "binary:logistic\"",
            "rank:ndcg\", group: [company_id, task.phase], period: 1d",
            GATE,
            "");
    ModelDirectory.Version version =
        train(spec, i -> Math.max(0, Math.min(4, Math.round(minutes[i] / 100 + 0.7 * luck[i]))));
    Map<String, Double> metrics = version.manifest().metrics();
    assertThat(metrics).containsOnlyKeys("ndcg@3");
    assertThat(metrics.get("ndcg@3")).isGreaterThan(0.8);
    assertThat(version.manifest().baseline().get("ndcg@3")).isLessThan(0.6);
    // whole days: the first 1050 examples, an hour each, end within the 43rd
    assertThat(version.manifest().window().validateFrom())
        .isEqualTo(Examples.START.plus(Duration.ofDays(43)).toString());
  }

  @Test
  void learnsWhatIsNormalWithoutALabel() throws IOException {
    ModelSpec spec =
        model(
            BINARY,
            "",
            "binary:logistic",
            "robust_deviation",
            "split: {train: 70%, validate: 15%, test: 15%}",
            "history: 0d",
            GATE,
            "",
            "[0.5]",
            "[0.0], alert_above: 0.7");
    ModelDirectory.Version version = train(spec, i -> Double.NaN);
    assertThat(version.files())
        .containsOnlyKeys("model.json", "reference.json", "MODEL_CARD.md", "model_card.json");
    RobustDeviation.Normal plan = version.normal().orElseThrow().inputs().get(0);
    assertThat(plan.median()).isBetween(180.0, 220.0);
    // of numbers spread evenly over 400 half are within 100 of the middle
    assertThat(plan.scale()).isBetween(1.4826 * 90, 1.4826 * 110);
    assertThat(new String(version.files().get("MODEL_CARD.md"), StandardCharsets.UTF_8))
        .contains(
            "task.phase is a string, which has no distance",
            "| task.planned_minutes | %.4f |".formatted(plan.median()));
    Answer far = ask(spec, plan.median() - 3.5 * plan.scale(), "build");
    assertThat(far.outputs()[0]).isCloseTo(0.7f, within(1e-4f));
    assertThat(far.contributions()[0]).isEqualTo(-3.5, within(1e-4));
    assertThat(ask(spec, null, "build").outputs()[0]).isZero();
    assertThat(spec.serve().alertAbove()).isEqualTo(0.7);
  }

  private ModelSpec model(String... words) throws IOException {
    List<String> all = new ArrayList<>(Arrays.asList(words));
    if (!all.contains("robust_deviation")) {
      all.addAll(List.of("split: {", QUICKLY));
    }
    return Examples.model(directory, all.toArray(String[]::new));
  }

  private ModelDirectory.Version train(ModelSpec spec, IntToDoubleFunction label)
      throws IOException {
    Path lake = directory.resolve("lake");
    ExamplesInALake.write(
        lake,
        Examples.of(
                EXAMPLES, label, i -> Arrays.asList(minutes[i], isBuild(i) ? "build" : "design"))
            .stream()
            .map(ProblemTypesTest::knownADayLater)
            .toList(),
        "LABELLED");
    ModelDirectory models = new ModelDirectory(directory.resolve("models"));
    Training training = new TrainModel(spec).run(TrainingRequest.of(lake, models));
    assertThat(training.version())
        .as(() -> training.card().gate().reasons().toString())
        .isNotNull();
    return training.version();
  }

  private static Example knownADayLater(Example example) {
    return new Example(
        example.id(),
        example.company(),
        example.cluster(),
        example.asOf(),
        example.asOf().plus(Duration.ofDays(1)),
        example.label(),
        example.values(),
        example.owners());
  }

  private ServedModel served(ModelSpec spec) {
    try (var lease = LoadedModels.lease(new ModelDirectory(directory.resolve("models")), spec, 1)) {
      ServedModel served = lease.await(LOADING);
      assertThat(served.whyNative()).isNull();
      assertThat(served.outputs()).isEqualTo(spec.outputs());
      return served;
    }
  }

  private Answer ask(ModelSpec spec, Object... values) {
    ServedModel served = served(spec);
    List<Answer> answers = new ArrayList<>();
    try (Scorer scorer = served.scorer(true, new Budget(null, System::nanoTime))) {
      scorer.ask(served.row(values), answers::add);
    }
    return answers.get(0);
  }
}
