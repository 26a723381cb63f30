package io.crewcast.scoring.performance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crewcast.schemas.CalibrationBin;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.stream.Judged;
import io.crewcast.schemas.stream.PerformanceSums;
import io.crewcast.scoring.model.ModelSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class PerformanceTest {

  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

  @TempDir private static Path directory;

  private static ModelSpec spec(String objective, String label) throws IOException {
    String text =
        """
        model: graded
        about: For a test
        scores: task
        trigger: {from: task, when: status == "STARTED"}
        label: %s
        inputs: {task: [planned_minutes]}
        train: {objective: "%s", split: {train: 70%%, validate: 15%%, test: 15%%}%s}
        serve: {fallback: [%s]}
        """
            .formatted(
                label,
                objective,
                objective.contains("quantile") ? ", quantiles: [0.1, 0.5, 0.9]" : "",
                objective.contains("softprob") ? "low" : "0.5");
    var task =
        new FeatureSchema(
            EntityType.TASK,
            "Tasks",
            List.of(
                new FeatureSchema.Column("planned_minutes", ValueType.DOUBLE, "Planned"),
                new FeatureSchema.Column("status", ValueType.STRING, "Status")));
    return ModelSpec.load(
        Files.writeString(directory.resolve("graded.yaml"), text), Map.of(EntityType.TASK, task));
  }

  private static final String BINARY =
      "{positive: task.planned_minutes > 10, negative: task.status == \"COMPLETED\", within: 30d}";
  private static final String NUMBER =
      "{value: task.planned_minutes, when: task.status == \"COMPLETED\", within: 30d}";
  private static final String CLASSES =
      "{classes: {low: task.planned_minutes < 10, mid: task.planned_minutes < 20, high: task.planned_minutes >= 20}, when: task.status == \"COMPLETED\", within: 30d}";

  private static Judged judged(double label, double... answer) {
    return Judged.newBuilder()
        .setPredictionId("p")
        .setModel("graded")
        .setModelVersion(1)
        .setRole(PredictionRole.CHAMPION)
        .setVariation("*")
        .setCompanyId("acme")
        .setSegments(List.of())
        .setAsOf(NOON)
        .setKnownAt(NOON)
        .setAnswer(DoubleStream.of(answer).boxed().toList())
        .setFallback(DoubleStream.of(answer).map(x -> 0.5).boxed().toList())
        .setOutcome(LabelOutcome.LABELLED)
        .setLabel(label)
        .build();
  }

  private static Performance.Figure figure(Performance performance, String metric) {
    return performance.figures().stream()
        .filter(figure -> figure.metric().equals(metric))
        .findFirst()
        .orElseThrow();
  }

  private static Performance performance(ModelSpec spec, List<Judged> all) {
    Performance performance = new Performance(spec, Performance.none());
    all.forEach(performance::add);
    return performance;
  }

  static Stream<JsonNode> vectors() throws IOException {
    try (InputStream in =
        PerformanceTest.class.getResourceAsStream("/vectors/xgboost_metrics.json")) {
      JsonNode cases = new ObjectMapper().readTree(in).get("cases");
      Set<String> shipped = Set.of("rmse", "mae", "logloss", "auc", "mlogloss");
      return StreamSupport.stream(cases.spliterator(), false)
          .filter(vector -> shipped.contains(vector.get("metric").asText()))
          .filter(vector -> vector.path("weights").isNull() || !vector.has("weights"));
    }
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void agreesWithXgboost(JsonNode vector) throws IOException {
    String metric = vector.get("metric").asText();
    ModelSpec spec =
        switch (metric) {
          case "rmse", "mae" -> spec("reg:squarederror", NUMBER);
          case "mlogloss" -> spec("multi:softprob", CLASSES);
          default -> spec("binary:logistic", BINARY);
        };
    List<Judged> all = new ArrayList<>();
    JsonNode labels = vector.get("labels");
    for (int row = 0; row < labels.size(); row++) {
      JsonNode predicted = vector.get("predictions").get(row);
      double[] answer =
          predicted.isArray()
              ? StreamSupport.stream(predicted.spliterator(), false)
                  .mapToDouble(JsonNode::asDouble)
                  .toArray()
              : new double[] {predicted.asDouble()};
      all.add(judged(labels.get(row).asDouble(), answer));
    }
    Performance.Figure found =
        figure(performance(spec, all), metric.equals("logloss") ? "log_loss" : metric);
    JsonNode expected = vector.get("expected");
    if (expected.isNull() || (expected.isTextual() && expected.asText().equals("NaN"))) {
      assertThat(found.value()).isNull();
    } else if (found.lower() != null) {
      assertThat(expected.asDouble()).isBetween(found.lower() - 1e-9, found.upper() + 1e-9);
    } else {
      assertThat(found.value())
          .isEqualTo(expected.asDouble(), within(vector.get("abs_tol").asDouble()));
    }
  }

  @Test
  void holdsTheAreaUnderTheCurveWithinItsBound() throws IOException {
    ModelSpec spec = spec("binary:logistic", BINARY);
    for (long seed = 1; seed <= 50; seed++) {
      Random random = new Random(seed);
      List<Judged> all = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        double score = 1 / (1 + Math.exp(-random.nextGaussian() * 3));
        all.add(judged(random.nextDouble() < score ? 1 : 0, score));
      }
      Performance.Figure auc = figure(performance(spec, all), "auc");
      assertThat(exactArea(all)).as("seed %d", seed).isBetween(auc.lower(), auc.upper());
      assertThat(auc.upper() - auc.lower()).isLessThan(0.005);
      assertThat(auc.ofFallback()).isEqualTo(0.5);
    }
  }

  /** Pair by pair. */
  private static double exactArea(List<Judged> all) {
    double above = 0;
    double pairs = 0;
    for (Judged positive : all) {
      for (Judged negative : all) {
        if (positive.getLabel() > negative.getLabel()) {
          pairs++;
          int order = Double.compare(positive.getAnswer().get(0), negative.getAnswer().get(0));
          above += order > 0 ? 1 : order == 0 ? 0.5 : 0;
        }
      }
    }
    return above / pairs;
  }

  @Test
  void isTheSameToTheLastBitInWhateverOrder() throws IOException {
    ModelSpec spec = spec("reg:quantileerror", NUMBER);
    Random random = new Random(7);
    List<Judged> all = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      double middle = 100 * random.nextGaussian();
      all.add(judged(100 * random.nextGaussian(), middle - 80, middle, middle + 80));
    }
    List<Performance.Figure> inOrder = performance(spec, all).figures();
    Collections.shuffle(all, random);
    assertThat(performance(spec, all).figures()).isEqualTo(inOrder);
  }

  @Test
  void countsWhatBecameOfPredictions() throws IOException {
    ModelSpec spec = spec("binary:logistic", BINARY);
    PerformanceSums sums = Performance.none();
    Performance performance = new Performance(spec, sums);
    for (int i = 1; i <= 100; i++) {
      performance.add(made(i <= 10 ? PredictionRole.FALLBACK : PredictionRole.CHAMPION, i));
    }
    performance.add(judged(1, 0.75));
    performance.add(judged(0, 0.72));
    performance.add(settled(LabelOutcome.CENSORED));
    performance.add(settled(LabelOutcome.KNOWN_BEFORE));
    assertThat(performance.maturity()).isEqualTo(3.0 / 99);
    assertThat(figure(performance, "fallback_share").value()).isEqualTo(0.1);
    assertThat(figure(performance, "latency_p50_micros").value()).isEqualTo(55, within(2.5));
    assertThat(figure(performance, "latency_p99_micros").value()).isEqualTo(99, within(4.5));
    assertThat(figure(performance, "calibration_ratio").value()).isEqualTo(1.47);
    assertThat(figure(performance, "ece").bins())
        .containsExactly(new CalibrationBin(0.7, 2L, 1.47, 1.0));
  }

  @Test
  void addsUpFromParts() throws IOException {
    for (String objective : List.of("binary:logistic", "reg:quantileerror", "multi:softprob")) {
      ModelSpec spec =
          spec(
              objective,
              Map.of("binary:logistic", BINARY, "reg:quantileerror", NUMBER)
                  .getOrDefault(objective, CLASSES));
      Random random = new Random(9);
      List<Judged> all = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        double low = random.nextDouble() / 3;
        all.add(judged(i % 3 % spec.outputs().size() % 2, outputs(spec, low)));
        all.add(made(PredictionRole.CHAMPION, random.nextInt(1_000)));
      }
      PerformanceSums half = performance(spec, all.subList(0, 250)).sums();
      new Performance(spec, half).addAll(performance(spec, all.subList(250, 600)).sums(), false);
      assertThat(new Performance(spec, half).figures())
          .as(objective)
          .isEqualTo(performance(spec, all).figures());
    }
  }

  private static double[] outputs(ModelSpec spec, double low) {
    return spec.outputs().size() == 1
        ? new double[] {low}
        : new double[] {low, low + 1.0 / 3, 2.0 / 3 - 2 * low + low};
  }

  @Test
  void countsLabelsThatAreNoAnswerToTheQuestionAsCensored() throws IOException {
    Performance classes =
        performance(
            spec("multi:softprob", CLASSES),
            List.of(judged(7, 0.2, 0.3, 0.5), judged(-1, 0.2, 0.3, 0.5), judged(2, 0.2, 0.3, 0.5)));
    assertThat(List.of(classes.sums().getLabelled(), classes.sums().getCensored()))
        .containsExactly(1L, 2L);
    Performance binary =
        performance(spec("binary:logistic", BINARY), List.of(judged(0.5, 0.2), judged(1, 0.2)));
    assertThat(List.of(binary.sums().getLabelled(), binary.sums().getCensored()))
        .containsExactly(1L, 1L);
  }

  @Test
  void doesNotExplainLabelsThatDoNotVary() throws IOException {
    List<Judged> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      all.add(judged(2.7, i));
    }
    assertThat(figure(performance(spec("reg:squarederror", NUMBER), all), "r2").value()).isNull();
  }

  @Test
  void countsLabelsThatComeAfterTheEndAsLate() throws IOException {
    ModelSpec spec = spec("binary:logistic", BINARY);
    Performance closed = performance(spec, List.of(judged(1, 0.75)));
    closed.addAll(performance(spec, List.of(judged(1, 0.75))).sums(), true);
    assertThat(List.of(closed.sums().getLabelled(), closed.sums().getLate()))
        .containsExactly(1L, 1L);
    assertThat(figure(closed, "brier").value()).isEqualTo(0.0625);
  }

  private static Judged made(PredictionRole role, long micros) {
    return Judged.newBuilder(judged(0, 0.5))
        .setRole(role)
        .setScoreMicros(micros)
        .setOutcome(null)
        .setLabel(null)
        .build();
  }

  private static Judged settled(LabelOutcome outcome) {
    return Judged.newBuilder(judged(0, 0.5)).setOutcome(outcome).setLabel(null).build();
  }
}
