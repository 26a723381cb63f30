package io.crewcast.scoring.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.LabelOutcome;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.stream.Judged;
import io.crewcast.schemas.stream.PerformanceSums;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.performance.Performance;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A group's NDCG takes the place of what was told of it before. */
final class RankGroupsTest {

  private static final Instant MONDAY = Instant.parse("2026-03-02T00:00:00Z");

  /** 1970 began on a Thursday, and so do weeks. */
  private static final Instant THURSDAY = Instant.parse("2026-02-26T00:00:00Z");

  @TempDir private Path directory;
  private ModelSpec spec;

  @BeforeEach
  void load() throws Exception {
    Path file =
        Files.writeString(
            directory.resolve("who.yaml"),
            """
            model: who
            about: For a test
            scores: task
            trigger: {from: task, when: status == "STARTED"}
            label: {grade: {size: {weight: 1.0, is: task.planned_minutes / 60.0}}, when: task.status == "COMPLETED", within: 10d}
            inputs: {task: [planned_minutes, phase]}
            train: {objective: "rank:ndcg", group: [company_id, task.phase], period: 7d, split: {train: 70%, validate: 15%, test: 15%}}
            serve: {fallback: [1.0]}
            """);
    spec =
        ModelSpec.load(
            file,
            Map.of(
                EntityType.TASK,
                new FeatureSchema(
                    EntityType.TASK,
                    "Tasks",
                    List.of(
                        new FeatureSchema.Column("planned_minutes", ValueType.DOUBLE, "Planned"),
                        new FeatureSchema.Column("phase", ValueType.STRING, "Phase"),
                        new FeatureSchema.Column("status", ValueType.STRING, "Status")))));
  }

  private KeyedOneInputStreamOperatorTestHarness<String, Judged, PerformanceSums> harness()
      throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new KeyedProcessOperator<>(new RankGroups(Map.of("who", spec))),
        RankGroups.KEY,
        Types.STRING);
  }

  private static Judged made(String id, double score) {
    return Judged.newBuilder()
        .setPredictionId(id)
        .setModel("who")
        .setModelVersion(1)
        .setRole(PredictionRole.CHAMPION)
        .setVariation("*")
        .setCompanyId("*")
        .setSegments(List.of("*"))
        .setGroup("acme build")
        .setAsOf(MONDAY)
        .setKnownAt(MONDAY)
        .setAnswer(List.of(score))
        .setFallback(List.of(1.0))
        .build();
  }

  private static Judged graded(String id, double score, double grade, int day) {
    return Judged.newBuilder(made(id, score))
        .setOutcome(LabelOutcome.LABELLED)
        .setLabel(grade)
        .setKnownAt(MONDAY.plus(Duration.ofDays(day)))
        .build();
  }

  private static Watermark at(int day) {
    return new Watermark(MONDAY.plus(Duration.ofDays(day)).toEpochMilli() - 1);
  }

  private double ndcg(List<PerformanceSums> parts) {
    Performance performance = new Performance(spec, Performance.none());
    parts.forEach(part -> performance.addAll(part, false));
    return performance.figures().get(0).value();
  }

  @Test
  void tellsByHowMuchAGroupHasChangedOnEachDay() throws Exception {
    OperatorSubtaskState snapshot;
    List<PerformanceSums> before;
    try (var harness = harness()) {
      harness.open();
      harness.processElement(graded("b", 0.5, 4, 1), 0);
      harness.processElement(made("a", 0.9), 0);
      harness.processElement(made("b", 0.5), 0);
      harness.processElement(made("c", 0.1), 0);
      harness.processElement(graded("a", 0.9, 0, 2), 0);
      harness.processWatermark(at(2));
      before = harness.extractOutputValues();
      assertThat(before)
          .extracting(part -> part.getPredictions() + " " + part.getLabelled() + part.getGroups())
          .containsExactly("3 00", "0 11");
      assertThat(ndcg(before)).as("of one alone").isEqualTo(1);
      assertThat(before.get(0).getWindowStart()).isEqualTo(THURSDAY);
      assertThat(before.get(0).getWindowEnd()).isEqualTo(THURSDAY.plus(Duration.ofDays(7)));
      snapshot = harness.snapshot(1, 1);
    }
    try (var harness = harness()) {
      harness.initializeState(snapshot);
      harness.open();
      harness.processWatermark(at(3));
      List<PerformanceSums> parts = new ArrayList<>(before);
      parts.addAll(harness.extractOutputValues());
      assertThat(parts.get(2).getGroups()).as("it is counted already").isZero();
      // the best stands second: 1 / log2(3)
      assertThat(ndcg(parts)).isEqualTo(Math.log(2) / Math.log(3), within(1e-15));
      harness.processWatermark(at(30));
      assertThat(harness.numKeyedStateEntries()).isZero();
      assertThat(harness.numEventTimeTimers()).isZero();
    }
  }

  @Test
  void saysNothingOfAGroupOfWhichNoneWasWorthAnything() throws Exception {
    try (var harness = harness()) {
      harness.open();
      harness.processElement(made("a", 0.9), 0);
      harness.processElement(graded("a", 0.9, 0, 1), 0);
      harness.processElement(graded("b", 0.9, -1, 1), 0);
      harness.processWatermark(at(2));
      PerformanceSums last = harness.extractOutputValues().get(1);
      assertThat(last.getGroups()).isZero();
      assertThat(last.getLabelled()).isEqualTo(1);
      assertThat(last.getCensored()).as("no grade").isEqualTo(1);
    }
  }
}
