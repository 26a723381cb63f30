package io.crewcast.scoring.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.crewcast.schemas.ValueType;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@code model.yaml} says of one version.
 *
 * @param inputs in the order in which a row of the model holds them
 * @param outputs names of what a prediction answers: {@code score}, or one a class
 * @param window the time range and the counts that it was trained and tested on; null where it was
 *     trained elsewhere
 * @param metrics on the held-back part of the time range
 * @param baseline the same metrics of the fallback
 * @param rounds how many rounds of boosting
 * @param trainedWith the library and its version
 * @param files SHA-256 of every other file of the version, in hex
 * @param gate what the gate said; null where none was asked
 * @param origin where it was trained, if elsewhere; null otherwise
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ModelManifest(
    String model,
    int version,
    String objective,
    List<Input> inputs,
    List<String> outputs,
    @Nullable Window window,
    Map<String, Double> metrics,
    Map<String, Double> baseline,
    int rounds,
    @JsonProperty("trained_with") String trainedWith,
    Map<String, String> files,
    @Nullable Gate gate,
    @Nullable Origin origin) {

  /** A file may lack what a version cannot be without. */
  public ModelManifest {
    Objects.requireNonNull(model, "it names no model");
    Objects.requireNonNull(objective, "it names no objective");
    Objects.requireNonNull(inputs, "it names no inputs");
    Objects.requireNonNull(outputs, "it names no outputs");
    Objects.requireNonNull(files, "it names no files");
  }

  /**
   * One input.
   *
   * @param type {@code long}, {@code double}, {@code boolean} or {@code string}
   * @param categories of a text, in the order of their codes 0, 1, ...; what is not among them is
   *     missing
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Input(String name, String type, @Nullable List<String> categories) {

    /** As a model's file declares it. */
    public static Input of(ModelSpec.Input declared, @Nullable List<String> categories) {
      return new Input(
          declared.name(), declared.type().name().toLowerCase(Locale.ROOT), categories);
    }

    /** Whether it is read as that is declared: a number may become another kind of number. */
    public boolean fits(ModelSpec.Input declared) {
      return name.equals(declared.name())
          && (categories == null) == (declared.type() != ValueType.STRING);
    }
  }

  /**
   * Instants in ISO form, UTC.
   *
   * @param from first trigger
   * @param validateFrom first trigger that was validated on; labels known later did not train
   * @param testFrom first trigger that was tested on; labels known later trained and stopped
   *     nothing
   * @param until last trigger
   */
  public record Window(
      String from,
      @JsonProperty("validate_from") String validateFrom,
      @JsonProperty("test_from") String testFrom,
      String until,
      @JsonProperty("train_rows") int trainRows,
      @JsonProperty("validate_rows") int validateRows,
      @JsonProperty("test_rows") int testRows) {}

  /**
   * What the gate said.
   *
   * @param passed false: it was published by {@code --force}
   * @param reasons why it did not pass, a line each
   */
  public record Gate(boolean passed, List<String> reasons) {}

  /**
   * Where a version comes from that was not trained here.
   *
   * @param savedBy the program and its version, such as {@code MLflow 2.14.2}
   * @param trainedUntil before which all that trained and tuned it was known; null: not said
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Origin(
      @JsonProperty("saved_by") String savedBy,
      @JsonProperty("run_id") @Nullable String runId,
      @JsonProperty("model_class") String modelClass,
      @JsonProperty("trained_until") @Nullable String trainedUntil) {}

  /** Before which all that trained and tuned it was known; empty where nobody said so. */
  public Optional<Instant> tunedUntil() {
    if (window != null) {
      return Optional.of(Instant.parse(window.testFrom));
    }
    return origin == null || origin.trainedUntil == null
        ? Optional.empty()
        : Optional.of(Instant.parse(origin.trainedUntil));
  }

  ModelManifest with(Map<String, String> hashes) {
    return new ModelManifest(
        model,
        version,
        objective,
        inputs,
        outputs,
        window,
        metrics,
        baseline,
        rounds,
        trainedWith,
        hashes,
        gate,
        origin);
  }
}
