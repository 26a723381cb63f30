package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.Reference;
import io.crewcast.scoring.serving.Budget;
import io.crewcast.scoring.serving.LoadedModels;
import io.crewcast.scoring.serving.Scorer;
import io.crewcast.scoring.serving.ServedModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainModelTest {

  private static final int EXAMPLES = 3_000;
  private static final Duration LOADING = Duration.ofSeconds(30);

  @TempDir private Path directory;
  private ModelSpec spec;

  @BeforeEach
  void definesAModelAndItsExamples() throws IOException {
    spec = Examples.model(directory);
    write(directory.resolve("lake"), "LABELLED");
  }

  @Test
  void findsWhatIsInTheExamplesAndBeatsTheFallback() throws IOException {
    ModelDirectory.Version version = train("models", null);
    assertThat(version.manifest().metrics().get("auc")).isGreaterThan(0.7);
    assertThat(version.manifest().baseline().get("auc")).isEqualTo(0.5);
    assertThat(version.manifest().metrics().get("calibration_ratio")).isBetween(0.8, 1.25);
    assertThat(version.manifest().inputs().get(1).categories())
        .containsExactly("build", "design", "no", "test");
    assertThat(version.manifest().gate()).isEqualTo(new ModelManifest.Gate(true, List.of()));
    Reference reference = version.reference().orElseThrow();
    assertThat(reference.inputs()).containsOnlyKeys("task.planned_minutes", "task.phase");
    assertThat(reference.rows()).hasSize(200).allSatisfy(row -> assertThat(row).hasSize(2));
  }

  @Test
  void tellsTheSameInBothCards() throws IOException {
    ModelDirectory.Version version = train("models", null);
    JsonNode card = new ObjectMapper().readTree(version.files().get("model_card.json"));
    assertThat(card.at("/metrics/model/auc").asDouble())
        .isEqualTo(version.manifest().metrics().get("auc"));
    assertThat(card.at("/window/test_rows").asInt()).isEqualTo(450);
    assertThat(card.at("/gate/passed").asBoolean()).isTrue();
    assertThat(card.at("/contributions/0/input").asText()).isEqualTo("task.phase");
    assertThat(card.at("/segments")).hasSize(4);
    assertThat(new String(version.files().get("MODEL_CARD.md"), StandardCharsets.UTF_8))
        .contains(
            "| auc | %.4f | 0.5000 |".formatted(card.at("/metrics/model/auc").asDouble()),
            "It passed.",
            "- there is no champion yet",
            "| task.phase | build | ",
            "| score from | examples | mean score | share of positives |");
  }

  @Test
  void keepsBackWhatDoesNotBeatTheChampionUnlessForced() throws IOException {
    ModelDirectory models = new ModelDirectory(directory.resolve("models"));
    TrainingRequest request = TrainingRequest.of(directory.resolve("lake"), models);
    train("models", null);
    Training again = new TrainModel(spec).run(request);
    assertThat(again.version()).isNull();
    assertThat(models.versions("overrun")).containsExactly(1);
    assertThat(again.card().gate().reasons())
        .singleElement()
        .asString()
        .contains("of the champion (version 1)", "the difference is 0.0000");

    Training forced =
        new TrainModel(spec)
            .run(new TrainingRequest(request.lake(), models, null, false, false, null, true));
    assertThat(forced.version().manifest().gate())
        .isEqualTo(new ModelManifest.Gate(false, again.card().gate().reasons()));
    assertThat(new String(forced.version().files().get("MODEL_CARD.md"), StandardCharsets.UTF_8))
        .contains("It did not pass, and was published all the same by `--force`.");
  }

  @Test
  void doesNotCompareWithAChampionThatKnowsTheTestPart() throws IOException {
    train("models", null);
    ModelDirectory models = new ModelDirectory(directory.resolve("models"));
    Training earlier =
        new TrainModel(spec)
            .run(
                TrainingRequest.of(directory.resolve("lake"), models)
                    .until(Examples.START.plus(Duration.ofHours(2_000))));
    assertThat(earlier.card().gate().reasons())
        .anySatisfy(
            reason ->
                assertThat(reason)
                    .startsWith("champion version 1 cannot be compared: it was trained until"));
  }

  @Test
  void triesEachCombinationAndTakesTheBest() throws IOException {
    spec =
        Examples.model(directory, "split:", "search: {max_depth: [1, 4], eta: [0.3, 0.1]}, split:");
    List<String> said = new ArrayList<>();
    Training training =
        new TrainModel(spec)
            .run(
                TrainingRequest.of(
                    directory.resolve("lake"), new ModelDirectory(directory.resolve("models"))),
                new TrainingWatch() {
                  @Override
                  public void says(String line) {
                    said.add(line);
                  }

                  @Override
                  public void boosted() {}
                });
    List<Trial> trials = training.card().search();
    assertThat(trials).hasSize(4).doesNotHaveDuplicates();
    assertThat(said).hasSize(4).first().asString().startsWith("max_depth 1, eta 0.3: auc 0.");
    assertThat(training.card().rounds())
        .isEqualTo(
            trials.stream().max(Comparator.comparingDouble(Trial::metric)).orElseThrow().rounds());
  }

  @Test
  void scoresNumbersBySquaredErrorToo() throws IOException {
    spec =
        Examples.model(
            directory,
            "\"binary:logistic\"",
            "\"reg:squarederror\"",
            "metric: auc",
            "metric: rmse");
    ModelDirectory.Version version = train("models", null);
    assertThat(version.manifest().metrics().get("rmse"))
        .isLessThan(version.manifest().baseline().get("rmse"));
  }

  @Test
  void trainsOnlyOnLabelsThatWereKnownBeforeTheValidationPart() throws IOException {
    // A label takes ten days, a trigger comes every hour: ten days of triggers are left out.
    assertThat(train("models", null).manifest().window().trainRows())
        .isEqualTo((int) (EXAMPLES * 0.7) - 240);
  }

  @Test
  void seesNothingThatWasNotKnownByTheInstantItIsGiven() throws IOException {
    Instant until = Examples.START.plus(Duration.ofHours(2_000));
    var window = train("models", until).manifest().window();
    // Those labelled by then; the embargo leaves out ten days more at each boundary.
    assertThat(Instant.parse(window.until())).isBefore(until.minus(Duration.ofDays(9)));
    assertThat(window.testRows()).isEqualTo((2_000 - 240) - (int) ((2_000 - 240) * 0.85));
  }

  @Test
  void leavesOutWhatIsLeftTruncatedUnlessToldOtherwise() throws IOException {
    Path lake = directory.resolve("truncated");
    var models = new ModelDirectory(directory.resolve("models"));
    write(lake, "LEFT_TRUNCATED");
    assertThatThrownBy(() -> new TrainModel(spec).run(TrainingRequest.of(lake, models)))
        .hasMessageContaining("0 examples to train on (LEFT_TRUNCATED 3000)")
        .hasMessageContaining("--keep-left-truncated");
    assertThat(
            new TrainModel(spec)
                .run(new TrainingRequest(lake, models, null, true, false, null, false))
                .card()
                .window())
        .isEqualTo(train("again", null).manifest().window());
  }

  @Test
  void givesTheSameBytesForTheSameExamples() throws IOException {
    Map<String, String> first = train("models", null).manifest().files();
    assertThat(train("again", null).manifest().files()).isEqualTo(first);
  }

  @Test
  void numbersVersionsAndIsServedByFlatTrees() throws IOException {
    train("models", null);
    assertThat(force("models").manifest().version()).isEqualTo(2);
    try (var lease = LoadedModels.lease(new ModelDirectory(directory.resolve("models")), spec, 2)) {
      ServedModel served = lease.await(LOADING);
      assertThat(served.whyNative()).isNull();
      assertThat(score(served, 300.0, "test")).isGreaterThan(score(served, 10.0, "design") + 0.3f);
    }
  }

  @Test
  void refusesAVersionWhoseFileWasChanged() throws IOException {
    Path version = Path.of(train("models", null).path());
    byte[] trees = Files.readAllBytes(version.resolve("model.ubj"));
    trees[trees.length / 2] ^= 1;
    Files.write(version.resolve("model.ubj"), trees);
    try (var lease = LoadedModels.lease(new ModelDirectory(directory.resolve("models")), spec, 1)) {
      assertThatThrownBy(() -> lease.await(LOADING))
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("model.ubj is not the file that was trained");
    }
  }

  private static float score(ServedModel served, Object... values) {
    float[] score = new float[1];
    try (Scorer scorer = served.scorer(true, new Budget(null, System::nanoTime))) {
      scorer.ask(
          served.row(values),
          answer -> {
            assertThat(answer.contributions()).hasSize(2);
            score[0] = answer.outputs()[0];
          });
    }
    return score[0];
  }

  @Test
  void saysWhatToDoWhenThereAreNoExamples() {
    assertThatThrownBy(
            () ->
                new TrainModel(spec)
                    .run(
                        TrainingRequest.of(
                            directory, new ModelDirectory(directory.resolve("models")))))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining("run ./crewcast backfill");
  }

  private ModelDirectory.Version train(String models, @Nullable Instant until) throws IOException {
    return new TrainModel(spec)
        .run(
            TrainingRequest.of(
                    directory.resolve("lake"), new ModelDirectory(directory.resolve(models)))
                .until(until))
        .version();
  }

  private ModelDirectory.Version force(String models) throws IOException {
    return new TrainModel(spec)
        .run(
            new TrainingRequest(
                directory.resolve("lake"),
                new ModelDirectory(directory.resolve(models)),
                null,
                false,
                false,
                null,
                true))
        .version();
  }

  private static void write(Path lake, String outcome) throws IOException {
    SplittableRandom random = new SplittableRandom(3);
    List<String> phases = List.of("design", "build", "test", "no");
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < EXAMPLES; i++) {
      double planned = random.nextDouble(5, 400);
      int phase = random.nextInt(4);
      double chance = 0.05 + 0.5 * planned / 400 + (phase == 2 ? 0.4 : 0);
      double label = random.nextDouble() < chance ? 1.0 : 0.0;
      Instant asOf = Examples.START.plus(Duration.ofHours(i));
      examples.add(
          new Example(
              "p" + i,
              "acme",
              "project-" + i % 50,
              asOf,
              asOf.plus(Duration.ofDays(10)),
              label,
              Arrays.asList(random.nextInt(20) == 0 ? null : planned, phases.get(phase)),
              Map.of()));
    }
    ExamplesInALake.write(lake, examples, outcome);
  }
}
