package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crewcast.scoring.model.Metric;
import io.crewcast.scoring.model.ModelSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SegmentTest {

  private static final List<Example> TEST =
      Examples.of(
          5, i -> i % 2, i -> Arrays.asList(1.0, i == 4 ? null : i < 2 ? "design" : "build"));

  @TempDir private Path directory;

  private List<Segment> segments() throws IOException {
    return Segment.of(
        Examples.model(directory),
        List.of("task.phase"),
        Metric.AUC,
        TEST,
        List.of(
            Scored.ofNumbers(Scored.MODEL, new double[] {0.25, 0.5, 0.5, 0.25, 0.125}),
            Scored.ofNumbers(Scored.FALLBACK, new double[] {0.5, 0.5, 0.5, 0.5, 0.5})));
  }

  @Test
  void asksEachValueByItself() throws IOException {
    assertThat(segments())
        .containsExactly(
            new Segment("task.phase", "build", 2, 0.5, 0.75, Map.of("model", 0.0, "fallback", 0.5)),
            new Segment(
                "task.phase", "design", 2, 0.5, 0.75, Map.of("model", 1.0, "fallback", 0.5)),
            new Segment(
                "task.phase",
                "missing",
                1,
                0.0,
                Double.POSITIVE_INFINITY,
                Map.of("model", Double.NaN, "fallback", Double.NaN)));
  }

  @Test
  void isNullInACardWhereAFigureIsNotDefined() throws IOException {
    ModelSpec spec = Examples.model(directory);
    ModelCard card =
        new ModelCard(
            "overrun",
            1,
            "About",
            "binary:logistic",
            1,
            "nothing",
            null,
            spec.label().entries(),
            null,
            Map.of(),
            List.of(),
            Map.of("max_depth", "6"),
            null,
            List.of(),
            Map.of(),
            null,
            segments(),
            List.of(),
            List.of(),
            null,
            ModelCard.Input.of(spec));
    JsonNode missing = new ObjectMapper().readTree(card.json()).at("/segments/2");
    assertThat(missing.get("calibration_ratio").isNull()).isTrue();
    assertThat(missing.at("/metric/model").isNull()).isTrue();
    assertThat(missing.get("label_share").asDouble()).isZero();
    assertThat(CardText.of(card))
        .contains("- Parameters: `max_depth=6`")
        .contains("| task.phase | missing | 1 | 0.0000 | Infinity | NaN |");
  }
}
