package io.crewcast.scoring.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.RobustDeviation;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A version for people: what it answers, on what it was trained, and how good it was. Content of
 * {@code model_card.json}; {@link CardText} makes {@code MODEL_CARD.md} of it.
 *
 * @param label the entries of the model's file
 * @param window null where it was trained elsewhere, as are most of the others
 * @param triggers how many of each outcome were read, as far as was known
 * @param findings on the data that trained it, a line each
 * @param parameters of XGBoost with which it was trained
 * @param search what was tried, in order
 * @param tunedBy the metric of the search
 * @param metrics on the test part: by scorer, the model first, by metric
 * @param segments of the test part, as the gate names them
 * @param contributions mean absolute SHAP values over the test part, greatest first
 * @param normal what it takes for normal, of a model without labels
 * @param gate null where none is declared
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ModelCard(
    String model,
    int version,
    String about,
    String objective,
    int rounds,
    String trainedWith,
    ModelManifest.@Nullable Origin origin,
    Map<String, String> label,
    ModelManifest.@Nullable Window window,
    Map<String, Integer> triggers,
    List<String> findings,
    Map<String, String> parameters,
    @Nullable String tunedBy,
    List<Trial> search,
    Map<String, Map<String, Double>> metrics,
    @Nullable Calibration calibration,
    List<Segment> segments,
    List<Candidate.Importance> contributions,
    List<RobustDeviation.Normal> normal,
    @Nullable Verdict gate,
    List<Input> inputs) {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .addModule(
              new SimpleModule()
                  .addSerializer(Double.class, new FiniteOrNull())
                  .addSerializer(double.class, new FiniteOrNull()))
          .build();

  /** JSON has no NaN: what is not defined is null. */
  private static final class FiniteOrNull extends JsonSerializer<Double> {
    @Override
    public void serialize(Double value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      if (Double.isFinite(value)) {
        out.writeNumber(value);
      } else {
        out.writeNull();
      }
    }
  }

  /** An input as the model's file declares it. */
  record Input(String name, String type, String about) {
    static List<Input> of(ModelSpec spec) {
      return spec.inputs().stream()
          .map(input -> new Input(input.name(), input.type().toString(), input.about()))
          .toList();
    }
  }

  /** The card of a version that was trained elsewhere: what its manifest says, and no figures. */
  static ModelCard ofImported(ModelSpec spec, ModelManifest manifest) {
    return new ModelCard(
        manifest.model(),
        manifest.version(),
        spec.about(),
        manifest.objective(),
        manifest.rounds(),
        manifest.trainedWith(),
        manifest.origin(),
        spec.label().entries(),
        null,
        Map.of(),
        List.of(),
        Map.of(),
        null,
        List.of(),
        Map.of(),
        null,
        List.of(),
        List.of(),
        List.of(),
        null,
        Input.of(spec));
  }

  byte[] json() {
    try {
      return JSON.writeValueAsBytes(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a card is numbers and texts", e);
    }
  }
}
