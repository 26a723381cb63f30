package io.crewcast.scoring.serving;

import io.crewcast.scoring.explain.TreeShap;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.ProblemType;
import io.crewcast.scoring.model.Reference;
import io.crewcast.scoring.model.RobustDeviation;
import io.crewcast.scoring.model.RowEncoder;
import io.crewcast.scoring.tree.BrokenModelException;
import io.crewcast.scoring.tree.FlatTrees;
import io.crewcast.scoring.tree.Objective;
import io.crewcast.scoring.tree.UnknownModelException;
import io.crewcast.scoring.tree.XgboostModelFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One version that answers, shared by all threads of a JVM. Flat trees score it where they have the
 * bits of XGBoost4J on every probe row, else XGBoost4J does, in batches.
 */
public final class ServedModel {

  private static final Logger LOG = LoggerFactory.getLogger(ServedModel.class);

  private static final int WARM_UP_ROWS = 100;

  private final ModelManifest manifest;
  private final RowEncoder encoder;
  private final Scorers scorers;
  private final @Nullable NativeModel reference;
  private final @Nullable String whyNative;

  /** Makes what asks it. */
  private interface Scorers {
    Scorer scorer(boolean explains, Budget budget);
  }

  private ServedModel(
      ModelManifest manifest,
      Scorers scorers,
      @Nullable NativeModel reference,
      @Nullable String whyNative) {
    this.manifest = manifest;
    this.scorers = scorers;
    this.reference = reference;
    this.whyNative = whyNative;
    List<@Nullable List<String>> categories = new ArrayList<>();
    manifest.inputs().forEach(input -> categories.add(input.categories()));
    encoder = new RowEncoder(categories);
  }

  /**
   * Loads and verifies a version.
   *
   * @throws InvalidModelException if it is broken or does not fit the definition
   */
  static ServedModel load(ModelDirectory.Version version, ModelSpec spec) {
    requireFits(version, spec);
    Optional<RobustDeviation> normal = version.normal();
    return normal.isPresent() ? ofNormal(version, normal.get()) : ofTrees(version, spec);
  }

  private static ServedModel ofNormal(ModelDirectory.Version version, RobustDeviation normal) {
    requireInputs(version, normal.inputs().size());
    requireOutputs(version, 1);
    return new ServedModel(
        version.manifest(),
        (explains, budget) -> new DeviationScorer(normal, explains, budget),
        null,
        null);
  }

  private static ServedModel ofTrees(ModelDirectory.Version version, ModelSpec spec) {
    FlatTrees flat;
    try {
      flat = XgboostModelFile.read(version.trees());
    } catch (BrokenModelException e) {
      throw new InvalidModelException("%s: %s".formatted(version.path(), e.getMessage()), e);
    } catch (UnknownModelException e) {
      return natively(version, spec, String.valueOf(e.getMessage()));
    }
    requireInputs(version, flat.features());
    requireOutputs(version, flat.predictions());
    Optional<String> difference;
    try (NativeModel reference = NativeModel.load(version.trees())) {
      List<float[]> sample = version.reference().map(Reference::rows).orElse(List.of());
      difference = Verification.difference(flat, reference, sample);
    }
    if (difference.isPresent()) {
      return natively(version, spec, difference.get());
    }
    TreeShap shap = new TreeShap(flat);
    ServedModel served =
        new ServedModel(
            version.manifest(),
            (explains, budget) -> new FlatScorer(flat, shap, explained(spec), explains, budget),
            null,
            null);
    served.warmUp(new float[flat.features()]);
    return served;
  }

  /** Lets Java compile what answers: the first events must not find it slower than its budget. */
  private void warmUp(float[] row) {
    try (Scorer scorer = scorer(true, new Budget(null, System::nanoTime))) {
      for (int i = 0; i < WARM_UP_ROWS; i++) {
        Arrays.fill(row, i % 2 == 0 ? Float.NaN : i);
        scorer.ask(row, answer -> {});
      }
    }
  }

  private static ServedModel natively(ModelDirectory.Version version, ModelSpec spec, String why) {
    LOG.warn("{}: {}; XGBoost4J serves it", version.path(), why);
    float[] missing = new float[version.manifest().inputs().size()];
    Arrays.fill(missing, Float.NaN);
    NativeModel reference = NativeModel.load(version.trees());
    try {
      requireInputs(version, reference.features());
      requireOutputs(version, reference.predict(missing, missing.length)[0].length);
    } catch (InvalidModelException | NativeModelException e) {
      reference.close();
      throw e;
    }
    ModelManifest manifest = version.manifest();
    String name = manifest.model() + '-' + manifest.version();
    return new ServedModel(
        manifest,
        (explains, budget) ->
            new NativeScorer(
                reference, manifest.inputs().size(), explained(spec), explains, budget, name),
        reference,
        why);
  }

  /** XGBoost4J itself takes rows that are too short. */
  private static void requireInputs(ModelDirectory.Version version, int inputs) {
    int named = version.manifest().inputs().size();
    if (inputs != named) {
      throw new InvalidModelException(
          "%s: its trees read %d inputs, its manifest names %d: train again"
              .formatted(version.path(), inputs, named));
    }
  }

  private static void requireOutputs(ModelDirectory.Version version, int outputs) {
    int named = version.manifest().outputs().size();
    if (outputs != named) {
      throw new InvalidModelException(
          "%s: its trees answer %d numbers, its manifest names %d outputs: train again"
              .formatted(version.path(), outputs, named));
    }
  }

  private static void requireFits(ModelDirectory.Version version, ModelSpec spec) {
    List<ModelManifest.Input> trained = version.manifest().inputs();
    boolean fits = trained.size() == spec.inputs().size();
    for (int i = 0; fits && i < trained.size(); i++) {
      fits = trained.get(i).fits(spec.inputs().get(i));
    }
    if (!fits) {
      throw new InvalidModelException(
          "%s version %d was trained on other inputs than its file declares now: train again"
              .formatted(spec.name(), version.manifest().version()));
    }
    if (!version.manifest().outputs().equals(spec.outputs())) {
      throw new InvalidModelException(
          "%s version %d answers %s, its file declares %s now: train again"
              .formatted(
                  spec.name(),
                  version.manifest().version(),
                  version.manifest().outputs(),
                  spec.outputs()));
    }
  }

  void free() {
    if (reference != null) {
      reference.close();
    }
  }

  /** Why XGBoost4J serves it; null where flat trees do. */
  public @Nullable String whyNative() {
    return whyNative;
  }

  public List<String> outputs() {
    return manifest.outputs();
  }

  /**
   * How far a probability is from indifference, or the highest one of several classes, 0 to 1; null
   * where outputs are no probabilities.
   *
   * @param outputs as the version answered
   */
  public @Nullable Double confidence(float[] outputs) {
    if (manifest.objective().equals(Objective.LOGISTIC.xgboostName())) {
      return Math.abs(2.0 * outputs[0] - 1);
    } else if (!manifest.objective().equals(Objective.SOFTPROB.xgboostName())) {
      return null;
    }
    return (double) outputs[highest(outputs)];
  }

  /** Which output is explained: the likeliest class, the middle quantile or the only number. */
  private static ToIntFunction<float[]> explained(ModelSpec spec) {
    int middle = spec.train().middle();
    return spec.train().problem() == ProblemType.MULTICLASS_CLASSIFICATION
        ? ServedModel::highest
        : outputs -> middle;
  }

  private static int highest(float[] outputs) {
    int highest = 0;
    for (int i = 1; i < outputs.length; i++) {
      if (outputs[i] > outputs[highest]) {
        highest = i;
      }
    }
    return highest;
  }

  /** The row that the trees read, of all inputs in order; null where missing. */
  public float[] row(@Nullable Object[] values) {
    float[] row = new float[values.length];
    encoder.encode(values, row);
    return row;
  }

  /** One thread's means to score. */
  public Scorer scorer(boolean explains, Budget budget) {
    return scorers.scorer(explains, budget);
  }
}
