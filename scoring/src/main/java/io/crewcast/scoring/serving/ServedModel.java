package io.crewcast.scoring.serving;

import io.crewcast.scoring.explain.TreeShap;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.RowEncoder;
import io.crewcast.scoring.tree.BrokenModelException;
import io.crewcast.scoring.tree.FlatTrees;
import io.crewcast.scoring.tree.Objective;
import io.crewcast.scoring.tree.UnknownModelException;
import io.crewcast.scoring.tree.XgboostModelFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One version that answers, shared by all subtasks of a JVM.
 *
 * <p>It is scored by flat trees when these have the bits of XGBoost4J on every probe row, else by
 * XGBoost4J itself, a call a row. The last user to close it frees what it holds.
 */
public final class ServedModel {

  private static final Logger LOG = LoggerFactory.getLogger(ServedModel.class);
  private static final Map<Key, ServedModel> LOADED = new HashMap<>();

  private record Key(Path root, String model, int version) {}

  private final Key key;
  private final ModelManifest manifest;
  private final RowEncoder encoder;
  private final @Nullable FlatTrees flat;
  private final @Nullable TreeShap shap;
  private final @Nullable NativeModel fallback;
  private int users;

  private ServedModel(
      Key key, ModelManifest manifest, @Nullable FlatTrees flat, @Nullable NativeModel fallback) {
    this.key = key;
    this.manifest = manifest;
    this.flat = flat;
    this.shap = flat == null ? null : new TreeShap(flat);
    this.fallback = fallback;
    List<@Nullable List<String>> categories = new ArrayList<>();
    manifest.inputs().forEach(input -> categories.add(input.categories()));
    encoder = new RowEncoder(categories);
  }

  /**
   * The version of a model, loaded and verified on its first use in this JVM.
   *
   * @throws InvalidModelException if the version is broken or does not fit the definition
   */
  public static ServedModel acquire(Path root, ModelSpec spec, int version) throws IOException {
    synchronized (LOADED) {
      Key key = new Key(root.toAbsolutePath().normalize(), spec.name(), version);
      ServedModel model = LOADED.get(key);
      if (model == null) {
        model = load(key);
        LOADED.put(key, model);
      }
      model.requireFits(spec);
      model.users++;
      return model;
    }
  }

  /** Says that one user is done. */
  public void release() {
    synchronized (LOADED) {
      if (--users == 0) {
        LOADED.remove(key);
        if (fallback != null) {
          fallback.close();
        }
      }
    }
  }

  private static ServedModel load(Key key) throws IOException {
    ModelDirectory.Version version = new ModelDirectory(key.root).open(key.model, key.version);
    FlatTrees flat;
    try {
      flat = XgboostModelFile.read(version.trees());
    } catch (BrokenModelException e) {
      throw new InvalidModelException("%s: %s".formatted(version.path(), e.getMessage()), e);
    } catch (UnknownModelException e) {
      LOG.warn("{}: {}", version.path(), e.getMessage());
      return new ServedModel(key, version.manifest(), null, NativeModel.load(version.trees()));
    }
    NativeModel reference = NativeModel.load(version.trees());
    Optional<String> difference =
        flat.features() == version.manifest().inputs().size()
            ? Verification.difference(flat, reference, List.of())
            : Optional.of("its trees read %d inputs".formatted(flat.features()));
    if (difference.isEmpty()) {
      reference.close();
      return new ServedModel(key, version.manifest(), flat, null);
    }
    LOG.warn("{}: {}; XGBoost4J serves it", version.path(), difference.get());
    return new ServedModel(key, version.manifest(), null, reference);
  }

  private void requireFits(ModelSpec spec) {
    List<String> trained = manifest.inputs().stream().map(ModelManifest.Input::name).toList();
    List<String> declared = spec.inputs().stream().map(ModelSpec.Input::name).toList();
    if (!trained.equals(declared)) {
      throw new InvalidModelException(
          "%s version %d was trained on other inputs than its file declares now: train again"
              .formatted(spec.name(), key.version));
    }
  }

  public int version() {
    return key.version;
  }

  /** True when flat trees answer, false when XGBoost4J does. */
  public boolean isFlat() {
    return flat != null;
  }

  public List<String> outputs() {
    return manifest.outputs();
  }

  public boolean isProbability() {
    return manifest.objective().equals(Objective.LOGISTIC.xgboostName());
  }

  /** One thread's means to score. */
  public Scorer scorer() {
    return new Scorer();
  }

  /** Belongs to one thread; reuses its memory from row to row. */
  public final class Scorer {

    private final float[] row = new float[manifest.inputs().size()];
    private final float[] outputs = new float[manifest.outputs().size()];
    private final double[] contributions =
        new double[manifest.inputs().size() * manifest.outputs().size()];
    private final FlatTrees.@Nullable Walk trees = flat == null ? null : flat.walk();
    private final TreeShap.@Nullable Walk walk = shap == null ? null : shap.walk();

    /**
     * The outputs for these inputs, valid until the next call.
     *
     * @param values of all inputs in order; null where missing
     */
    public float[] score(@Nullable Object[] values) {
      encoder.encode(values, row);
      if (trees != null) {
        trees.predict(row, outputs);
      } else if (fallback != null) {
        float[][] answer = fallback.predict(row, row.length);
        System.arraycopy(answer[0], 0, outputs, 0, outputs.length);
      }
      return outputs;
    }

    /**
     * What each input added to the first output's margin in the row that was scored last; empty
     * where XGBoost4J serves.
     */
    public double[] explain() {
      if (walk == null) {
        return new double[0];
      }
      walk.contributions(row, contributions);
      return contributions;
    }

    /** The margin that the contributions start from. */
    public double baseValue() {
      return shap == null ? Double.NaN : shap.baseValue(0);
    }
  }
}
