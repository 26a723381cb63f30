package io.crewcast.scoring.tree;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads what XGBoost 2 and 3 save, as JSON or as UBJSON, into {@link FlatTrees}.
 *
 * <p>Every index is checked and each tree is walked from its root, so that a file with a cycle, a
 * child out of range or a threshold that is no number is refused and never scores.
 */
public final class XgboostModelFile {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          // A float read through a double could be rounded twice.
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
          .build();

  /** The boosters that have trees, by their names in a file. */
  private static final String TREES = "gbtree";

  private static final String DART = "dart";

  private final List<Nodes.Node> nodes = new ArrayList<>(List.of(FlatTrees.FILLER));
  private final List<long[]> categorySets = new ArrayList<>();
  private int features;

  private XgboostModelFile() {}

  /**
   * Reads a model, up to its best iteration where it names one ({@link FlatTrees#bestIteration}).
   *
   * @param file the bytes of {@code model.ubj} or {@code model.json}
   * @throws BrokenModelException if the file ends early or contradicts itself: nothing may serve it
   * @throws UnknownModelException if the flat form does not know the kind of model: XGBoost4J
   *     serves it
   */
  public static FlatTrees read(byte[] file) {
    return new XgboostModelFile().model(looksLikeText(file) ? json(file) : Ubjson.read(file));
  }

  /**
   * Both formats open with a brace; in UBJSON a length marker follows, in JSON a quote or space.
   */
  private static boolean looksLikeText(byte[] file) {
    return file.length > 1 && file[0] == '{' && (file[1] == '"' || Character.isWhitespace(file[1]));
  }

  private static JsonNode json(byte[] file) {
    try {
      return JSON.readTree(file);
    } catch (JsonProcessingException e) {
      throw new BrokenModelException(
          "model file is not JSON, at line %d: copy it again"
              .formatted(e.getLocation().getLineNr()),
          e);
    } catch (IOException e) {
      throw new BrokenModelException("model file cannot be read: " + e.getMessage(), e);
    }
  }

  /** Trees are read before a model is called unknown: XGBoost4J must not get broken ones either. */
  private FlatTrees model(JsonNode file) {
    JsonNode learner = field(file, "learner");
    JsonNode booster = field(learner, "gradient_booster");
    String kind = field(booster, "name").asText();
    if (!kind.equals(TREES) && !kind.equals(DART)) {
      throw unknown("booster " + kind);
    }
    JsonNode model = field(kind.equals(DART) ? field(booster, TREES) : booster, "model");
    JsonNode parameters = field(learner, "learner_model_param");
    features = count(parameters, "num_feature");
    int outputs = outputs(parameters);
    int[] treeOutputs = treeOutputs(model, outputs);
    int[] rounds = roundEnds(model, treeOutputs.length, outputs);
    OptionalInt best = bestIteration(learner, rounds.length);
    rounds = best.isPresent() ? Arrays.copyOf(rounds, best.getAsInt() + 1) : rounds;
    int scored = rounds.length == 0 ? 0 : rounds[rounds.length - 1];
    int[] roots = new int[treeOutputs.length];
    int nodesScored = nodes.size();
    for (int i = 0; i < roots.length; i++) {
      roots[i] = tree(i, model.get("trees").get(i));
      nodesScored = i < scored ? nodes.size() : nodesScored;
    }
    if (kind.equals(DART)) {
      throw unknown("booster " + kind);
    }
    String name = field(field(learner, "objective"), "name").asText();
    Objective objective = Objective.find(name).orElseThrow(() -> unknown("objective " + name));
    return new FlatTrees(
        objective,
        features,
        baseMargins(field(parameters, "base_score").asText(), outputs, objective),
        Arrays.copyOf(roots, scored),
        Arrays.copyOf(treeOutputs, scored),
        rounds,
        best,
        new Nodes(features, nodes.subList(0, nodesScored), categorySets));
  }

  /** One a class or, of quantiles, one a target, each with trees of its own. */
  private static int outputs(JsonNode parameters) {
    int classes = Math.max(1, count(parameters, "num_class"));
    return parameters.has("num_target")
        ? Math.max(classes, count(parameters, "num_target"))
        : classes;
  }

  private static int[] treeOutputs(JsonNode model, int outputs) {
    int[] treeOutputs = ints(field(model, "tree_info"));
    if (treeOutputs.length != field(model, "trees").size()) {
      throw new BrokenModelException("tree_info and trees differ in length: copy the file again");
    }
    for (int i = 0; i < treeOutputs.length; i++) {
      if (treeOutputs[i] < 0 || treeOutputs[i] >= outputs) {
        throw new BrokenModelException("tree %d adds to no output".formatted(i));
      }
    }
    return treeOutputs;
  }

  /** A scalar up to XGBoost 3.0, from 3.1 on a list in brackets. */
  private static float[] baseMargins(String baseScore, int outputs, Objective objective) {
    String list = baseScore.strip();
    if (list.startsWith("[") && list.endsWith("]")) {
      list = list.substring(1, list.length() - 1);
    }
    String[] scores = list.split(",", -1);
    if (scores.length != 1 && scores.length != outputs) {
      throw new BrokenModelException(
          "base_score has %d values for %d outputs".formatted(scores.length, outputs));
    }
    float[] margins = new float[outputs];
    for (int i = 0; i < outputs; i++) {
      try {
        margins[i] =
            objective.marginOf(Float.parseFloat(scores[scores.length == 1 ? 0 : i].strip()));
      } catch (NumberFormatException e) {
        throw new BrokenModelException("base_score %s is no number".formatted(baseScore), e);
      }
      if (Float.isNaN(margins[i])) {
        throw new BrokenModelException("base_score %s is no number".formatted(baseScore));
      }
    }
    return margins;
  }

  /** After each round, how many trees there are; a round has one an output and parallel tree. */
  private static int[] roundEnds(JsonNode model, int trees, int outputs) {
    JsonNode starts = model.path("iteration_indptr");
    if (starts.isMissingNode()) {
      JsonNode parameters = field(model, "gbtree_model_param");
      int aRound = outputs * Math.max(1, count(parameters, "num_parallel_tree"));
      if (trees % aRound != 0) {
        throw new BrokenModelException(
            "model file has %d trees, %d a round: copy it again".formatted(trees, aRound));
      }
      return IntStream.rangeClosed(1, trees / aRound).map(round -> round * aRound).toArray();
    }
    int[] all = ints(starts);
    if (all.length == 0 || all[0] != 0 || all[all.length - 1] != trees) {
      throw new BrokenModelException("iteration_indptr does not cover the trees");
    }
    for (int i = 1; i < all.length; i++) {
      if (all[i] < all[i - 1]) {
        throw new BrokenModelException("iteration_indptr goes back");
      }
    }
    return Arrays.copyOfRange(all, 1, all.length);
  }

  private static OptionalInt bestIteration(JsonNode learner, int rounds) {
    JsonNode attributes = learner.path("attributes");
    if (!attributes.has("best_iteration")) {
      return OptionalInt.empty();
    }
    int best = count(attributes, "best_iteration");
    if (best >= rounds) {
      throw new BrokenModelException(
          "best_iteration %d is none of the %d rounds: save the model again"
              .formatted(best, rounds));
    }
    return OptionalInt.of(best);
  }

  /** Renumbers a tree breadth first, siblings side by side, and answers its root's new place. */
  private int tree(int number, JsonNode tree) {
    Columns columns = new Columns(number, tree);
    long[] @Nullable [] sets = columns.categorySets();
    int root = nodes.size();
    // The place of the next child that has been promised to a parent but not been read yet.
    int promised = root + 1;
    ArrayDeque<Integer> unread = new ArrayDeque<>();
    unread.add(0);
    boolean[] seen = new boolean[columns.count];
    while (!unread.isEmpty()) {
      int node = unread.remove();
      if (node < 0 || node >= columns.count || seen[node]) {
        throw columns.bad("node %d is out of range or has two parents".formatted(node));
      }
      seen[node] = true;
      if (columns.left[node] == -1) {
        nodes.add(columns.leaf(node));
        continue;
      }
      nodes.add(split(columns, node, promised, sets[node]));
      promised += 2;
      unread.add(columns.right[node]);
      unread.add(columns.left[node]);
    }
    return root;
  }

  private Nodes.Node split(Columns columns, int node, int right, long @Nullable [] goRight) {
    int feature = columns.feature[node];
    if (feature < 0 || feature >= features) {
      throw columns.bad("node %d splits on feature %d of %d".formatted(node, feature, features));
    }
    int set = Nodes.NUMERIC;
    if (goRight != null) {
      set = categorySets.size();
      categorySets.add(goRight);
    } else if (Float.isNaN(columns.value[node])) {
      throw columns.bad("node %d has no number as its threshold".formatted(node));
    }
    return new Nodes.Node(
        feature,
        columns.value[node],
        right,
        columns.defaultLeft[node] != 0,
        columns.cover[node],
        set);
  }

  /** The arrays of one tree, all of one length. */
  private static final class Columns {
    final int number;
    final JsonNode tree;
    final int[] left;
    final int[] right;
    final int[] feature;
    final int[] defaultLeft;
    final float[] value;
    final float[] cover;
    final int count;

    Columns(int number, JsonNode tree) {
      this.number = number;
      this.tree = tree;
      if (field(tree, "tree_param").path("size_leaf_vector").asInt(1) > 1) {
        throw unknown("a tree with leaves of several values");
      }
      left = ints(field(tree, "left_children"));
      count = left.length;
      right = sized(ints(field(tree, "right_children")));
      feature = sized(ints(field(tree, "split_indices")));
      defaultLeft = sized(ints(field(tree, "default_left")));
      value = sized(floats(field(tree, "split_conditions")));
      cover = sized(floats(field(tree, "sum_hessian")));
    }

    Nodes.Node leaf(int node) {
      if (!Float.isFinite(value[node])) {
        throw bad("leaf %d has no finite value".formatted(node));
      }
      return Nodes.Node.leaf(value[node], cover[node]);
    }

    /** The set of categories that goes right at each node, or null where the split is numeric. */
    long[] @Nullable [] categorySets() {
      long[] @Nullable [] sets = new long[count][];
      int[] splitType = sized(ints(field(tree, "split_type")));
      int[] at = ints(field(tree, "categories_nodes"));
      int[] starts = ints(field(tree, "categories_segments"));
      int[] sizes = ints(field(tree, "categories_sizes"));
      int[] categories = ints(field(tree, "categories"));
      if (starts.length != at.length || sizes.length != at.length) {
        throw bad("has categories_* of different lengths");
      }
      for (int i = 0; i < at.length; i++) {
        if (at[i] < 0
            || at[i] >= count
            || starts[i] < 0
            || sizes[i] < 0
            || starts[i] > categories.length - sizes[i]) {
          throw bad("has categories outside of its nodes");
        }
        sets[at[i]] = bits(categories, starts[i], sizes[i]);
      }
      for (int i = 0; i < count; i++) {
        if (splitType[i] == 1 && left[i] != -1 && sets[i] == null) {
          throw bad("node %d splits on categories but names none".formatted(i));
        }
      }
      return sets;
    }

    private long[] bits(int[] categories, int start, int size) {
      int greatest = -1;
      for (int i = start; i < start + size; i++) {
        if (categories[i] < 0 || categories[i] >= Nodes.CATEGORIES) {
          throw bad("has the category %d".formatted(categories[i]));
        }
        greatest = Math.max(greatest, categories[i]);
      }
      long[] bits = new long[(greatest >> 6) + 1];
      for (int i = start; i < start + size; i++) {
        bits[categories[i] >> 6] |= 1L << categories[i];
      }
      return bits;
    }

    private int[] sized(int[] column) {
      requireLength(column.length);
      return column;
    }

    private float[] sized(float[] column) {
      requireLength(column.length);
      return column;
    }

    private void requireLength(int length) {
      if (length != count || count == 0) {
        throw bad("has columns of different lengths");
      }
    }

    BrokenModelException bad(String what) {
      return new BrokenModelException(
          "tree %d %s: the file is broken, save the model again".formatted(number, what));
    }
  }

  private static UnknownModelException unknown(String what) {
    return new UnknownModelException(
        what + " is not known to the flat form: XGBoost4J will serve it");
  }

  private static JsonNode field(JsonNode parent, String name) {
    JsonNode field = parent.get(name);
    if (field == null) {
      throw new BrokenModelException(
          "model file has no %s: it is not what XGBoost 2 or 3 saves".formatted(name));
    }
    return field;
  }

  /** A number that is not negative; XGBoost writes those of parameters and attributes as text. */
  private static int count(JsonNode parent, String name) {
    String text = field(parent, name).asText();
    try {
      int count = Integer.parseInt(text);
      if (count >= 0) {
        return count;
      }
    } catch (NumberFormatException e) {
      throw noCount(name, text);
    }
    throw noCount(name, text);
  }

  private static BrokenModelException noCount(String name, String text) {
    return new BrokenModelException(
        "%s is %s, which is no count: save the model again".formatted(name, text));
  }

  private static int[] ints(JsonNode array) {
    int[] ints = new int[array.size()];
    for (int i = 0; i < ints.length; i++) {
      JsonNode number = array.get(i);
      if (!number.canConvertToExactIntegral() || !number.canConvertToInt()) {
        throw new BrokenModelException(
            "model file has %s where a whole number should be: copy it again".formatted(number));
      }
      ints[i] = number.intValue();
    }
    return ints;
  }

  private static float[] floats(JsonNode array) {
    float[] floats = new float[array.size()];
    for (int i = 0; i < floats.length; i++) {
      if (!array.get(i).isNumber()) {
        throw new BrokenModelException(
            "model file has %s where a number should be: copy it again".formatted(array.get(i)));
      }
      floats[i] = array.get(i).floatValue();
    }
    return floats;
  }
}
