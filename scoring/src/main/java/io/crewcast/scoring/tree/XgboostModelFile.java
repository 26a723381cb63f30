package io.crewcast.scoring.tree;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

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

  private final List<FlatTrees.Node> nodes = new ArrayList<>();
  private final List<long[]> categorySets = new ArrayList<>();
  private int features;

  private XgboostModelFile() {}

  /**
   * Reads a model.
   *
   * @param file the bytes of {@code model.ubj} or {@code model.json}
   * @throws ModelFormatException if the file is broken or needs what the flat form does not know
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
      throw new ModelFormatException(
          "model file is not JSON, at line %d: copy it again"
              .formatted(e.getLocation().getLineNr()),
          e);
    } catch (IOException e) {
      throw new ModelFormatException("model file cannot be read: " + e.getMessage(), e);
    }
  }

  private FlatTrees model(JsonNode file) {
    JsonNode learner = field(file, "learner");
    JsonNode booster = field(learner, "gradient_booster");
    String kind = field(booster, "name").asText();
    if (!kind.equals("gbtree")) {
      throw new ModelFormatException(
          "booster %s is not known here: train with booster gbtree".formatted(kind));
    }
    Objective objective = Objective.named(field(field(learner, "objective"), "name").asText());
    JsonNode parameters = field(learner, "learner_model_param");
    features = field(parameters, "num_feature").asInt();
    if (parameters.path("num_target").asInt(1) > 1) {
      throw new ModelFormatException("a model of several targets is not known here");
    }
    int outputs = Math.max(1, field(parameters, "num_class").asInt());
    JsonNode model = field(booster, "model");
    JsonNode trees = field(model, "trees");
    int[] treeOutputs = ints(field(model, "tree_info"));
    int[] roots = new int[trees.size()];
    if (treeOutputs.length != roots.length) {
      throw new ModelFormatException("tree_info and trees differ in length: copy the file again");
    }
    for (int i = 0; i < roots.length; i++) {
      if (treeOutputs[i] < 0 || treeOutputs[i] >= outputs) {
        throw new ModelFormatException("tree %d adds to no output".formatted(i));
      }
      roots[i] = tree(i, trees.get(i));
    }
    return new FlatTrees(
        objective,
        features,
        baseMargins(field(parameters, "base_score").asText(), outputs, objective),
        roots,
        treeOutputs,
        iterationEnds(model, roots.length),
        nodes,
        categorySets);
  }

  /** A scalar up to XGBoost 3.0, from 3.1 on a list in brackets. */
  private static float[] baseMargins(String baseScore, int outputs, Objective objective) {
    String list = baseScore.strip();
    if (list.startsWith("[") && list.endsWith("]")) {
      list = list.substring(1, list.length() - 1);
    }
    String[] scores = list.split(",", -1);
    if (scores.length != 1 && scores.length != outputs) {
      throw new ModelFormatException(
          "base_score has %d values for %d outputs".formatted(scores.length, outputs));
    }
    float[] margins = new float[outputs];
    for (int i = 0; i < outputs; i++) {
      try {
        margins[i] =
            objective.marginOf(Float.parseFloat(scores[scores.length == 1 ? 0 : i].strip()));
      } catch (NumberFormatException e) {
        throw new ModelFormatException("base_score %s is no number".formatted(baseScore), e);
      }
    }
    return margins;
  }

  private static int[] iterationEnds(JsonNode model, int trees) {
    JsonNode starts = model.path("iteration_indptr");
    if (starts.isMissingNode()) {
      return new int[] {trees};
    }
    int[] all = ints(starts);
    int[] ends = new int[Math.max(0, all.length - 1)];
    for (int i = 0; i < ends.length; i++) {
      ends[i] = all[i + 1];
      if (ends[i] < all[i] || ends[i] > trees) {
        throw new ModelFormatException("iteration_indptr points outside of the trees");
      }
    }
    return ends;
  }

  /** Renumbers a tree breadth first, siblings side by side, and answers its root's new place. */
  private int tree(int number, JsonNode tree) {
    Columns columns = new Columns(number, tree);
    long[][] sets = columns.categorySets();
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
        if (!Float.isFinite(columns.value[node])) {
          throw columns.bad("leaf %d has no finite value".formatted(node));
        }
        nodes.add(
            new FlatTrees.Node(
                FlatTrees.LEAF,
                columns.value[node],
                nodes.size(),
                false,
                columns.cover[node],
                FlatTrees.NUMERIC));
        continue;
      }
      int feature = columns.feature[node];
      if (feature < 0 || feature >= features) {
        throw columns.bad("node %d splits on feature %d of %d".formatted(node, feature, features));
      }
      int set = FlatTrees.NUMERIC;
      if (sets[node] != null) {
        set = categorySets.size();
        categorySets.add(sets[node]);
      } else if (Float.isNaN(columns.value[node])) {
        throw columns.bad("node %d has no number as its threshold".formatted(node));
      }
      nodes.add(
          new FlatTrees.Node(
              feature,
              columns.value[node],
              promised,
              columns.defaultLeft[node] != 0,
              columns.cover[node],
              set));
      promised += 2;
      unread.add(columns.left[node]);
      unread.add(columns.right[node]);
    }
    return root;
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
      left = ints(field(tree, "left_children"));
      count = left.length;
      right = sized(ints(field(tree, "right_children")));
      feature = sized(ints(field(tree, "split_indices")));
      defaultLeft = sized(ints(field(tree, "default_left")));
      value = sized(floats(field(tree, "split_conditions")));
      cover = sized(floats(field(tree, "sum_hessian")));
      if (field(tree, "tree_param").path("size_leaf_vector").asInt(1) > 1) {
        throw bad("has leaves of several values, which are not known here");
      }
    }

    /** The set of categories that goes right at each node, or null where the split is numeric. */
    long[][] categorySets() {
      long[][] sets = new long[count][];
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
            || starts[i] + sizes[i] > categories.length) {
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
        if (categories[i] < 0 || categories[i] >= 1 << 24) {
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

    ModelFormatException bad(String what) {
      return new ModelFormatException(
          "tree %d %s: the file is broken, save the model again".formatted(number, what));
    }
  }

  private static JsonNode field(JsonNode parent, String name) {
    JsonNode field = parent.get(name);
    if (field == null) {
      throw new ModelFormatException(
          "model file has no %s: it is not what XGBoost 2 or 3 saves".formatted(name));
    }
    return field;
  }

  private static int[] ints(JsonNode array) {
    int[] ints = new int[array.size()];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = array.get(i).asInt();
    }
    return ints;
  }

  private static float[] floats(JsonNode array) {
    float[] floats = new float[array.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = array.get(i).floatValue();
    }
    return floats;
  }
}
