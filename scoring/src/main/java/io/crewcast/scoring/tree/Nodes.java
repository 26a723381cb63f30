package io.crewcast.scoring.tree;

import java.util.List;

/**
 * The nodes of all trees, eight bytes each, so that a step reads one word of the tree and one of
 * the row.
 *
 * <p>A row is read once into keys: whole numbers in the order of its floats, two for each feature,
 * which differ where the value is missing. One is then above every threshold and one below, and a
 * node names the one that takes missing values its way: no step asks whether a value is there. A
 * step compares by the sign of a difference, which costs no branch either. A right child stands
 * before its left one. A leaf compares with a key above all and has itself in the place of its
 * right child, so that trees of unlike depth can be walked in step.
 *
 * <p>The upper half of a word is the threshold's key, a leaf's value, or a set of categories with
 * the way of missing values in its lowest bit. The lower half is the slot of the key, and above it
 * the distance to the right child.
 */
final class Nodes {

  /** In place of a feature: the node is a leaf. */
  static final int LEAF = -1;

  /** In place of a set of categories. */
  static final int NUMERIC = -1;

  /** Categories are below it; so are all whole numbers that a float tells apart. */
  static final int CATEGORIES = 1 << 24;

  private static final long ABOVE_ALL = 1L << 32;
  private static final long BELOW_ALL = -ABOVE_ALL;

  private final int features;
  private final int leafSlot;
  private final int slotBits;
  private final int slotMask;
  private final long[] words;
  private final float[] cover;
  private final long[][] categorySets;

  /**
   * One node as it is read.
   *
   * @param feature that it splits, or {@link #LEAF}
   * @param value the threshold, or the leaf's value
   * @param right the right child's place among the nodes; the left child is the next one
   * @param defaultLeft whether missing values go left
   * @param cover the sum of hessians that reached it in training
   * @param categorySet which set of categories goes right, or {@link #NUMERIC}
   */
  record Node(
      int feature, float value, int right, boolean defaultLeft, float cover, int categorySet) {

    static Node leaf(float value, float cover) {
      return new Node(LEAF, value, 0, false, cover, NUMERIC);
    }
  }

  /**
   * @param features how many a row has
   * @param categorySets bits of the categories that go right
   * @throws UnknownModelException if distances within a tree do not fit beside the features
   */
  Nodes(int features, List<Node> nodes, List<long[]> categorySets) {
    this.features = features;
    this.categorySets = categorySets.toArray(long[][]::new);
    leafSlot = 2 * features;
    slotBits = Integer.SIZE - Integer.numberOfLeadingZeros(leafSlot + features);
    slotMask = (1 << slotBits) - 1;
    words = new long[nodes.size()];
    cover = new float[nodes.size()];
    for (int place = 0; place < words.length; place++) {
      words[place] = word(nodes.get(place), place);
      cover[place] = nodes.get(place).cover;
    }
  }

  private long word(Node node, int place) {
    if (node.feature == LEAF) {
      return word(Float.floatToRawIntBits(node.value), 0, leafSlot);
    }
    int distance = node.right - place;
    if (distance >>> (Integer.SIZE - slotBits) != 0) {
      throw new UnknownModelException(
          "a tree of so many nodes over %d features is not known to the flat form: XGBoost4J will serve it"
              .formatted(features));
    }
    if (node.categorySet == NUMERIC) {
      return word(key(node.value), distance, node.feature + (node.defaultLeft ? features : 0));
    }
    int set = (node.categorySet << 1) | (node.defaultLeft ? 1 : 0);
    return word(set, distance, leafSlot + 1 + node.feature);
  }

  private long word(int upper, int distance, int slot) {
    return ((long) upper << 32) | (((distance << slotBits) | slot) & 0xffffffffL);
  }

  /** A whole number in the order of floats, the two zeros alike. */
  private static int key(float x) {
    int bits = Float.floatToRawIntBits(x + 0.0f);
    return bits ^ ((bits >> 31) & 0x7fffffff);
  }

  private static float ofKey(int key) {
    return Float.intBitsToFloat(key ^ ((key >> 31) & 0x7fffffff));
  }

  /** Room for the keys of one row. */
  long[] newKeys() {
    long[] keys = new long[leafSlot + 1];
    keys[leafSlot] = ABOVE_ALL;
    return keys;
  }

  /** Reads a row into keys. */
  void read(float[] row, long[] keys) {
    for (int feature = 0; feature < features; feature++) {
      float x = row[feature];
      long key = key(x);
      keys[feature] = Float.isNaN(x) ? ABOVE_ALL : key;
      keys[features + feature] = Float.isNaN(x) ? BELOW_ALL : key;
    }
  }

  /** The child to which a row goes, or the leaf itself; for trees without categories. */
  int next(int node, long[] keys) {
    long word = words[node];
    long left = (keys[(int) word & slotMask] - (word >> 32)) >>> 63;
    return node + ((int) word >>> slotBits) + (int) left;
  }

  /** The child to which a row goes, or the leaf itself. */
  int next(int node, long[] keys, float[] row) {
    return isCategorical(node)
        ? node + ((int) words[node] >>> slotBits) + (categoryGoesLeft(node, row) ? 1 : 0)
        : next(node, keys);
  }

  /** 1 when a row goes left at a split, else 0. */
  int left(int node, long[] keys, float[] row) {
    if (isCategorical(node)) {
      return categoryGoesLeft(node, row) ? 1 : 0;
    }
    long word = words[node];
    return (int) ((keys[(int) word & slotMask] - (word >> 32)) >>> 63);
  }

  private boolean categoryGoesLeft(int node, float[] row) {
    long word = words[node];
    int set = (int) (word >> 32);
    float x = row[((int) word & slotMask) - leafSlot - 1];
    if (Float.isNaN(x)) {
      return (set & 1) != 0;
    }
    // XGBoost sends what cannot be a category, or is beyond the set, to the left.
    if (x < 0 || x >= CATEGORIES) {
      return true;
    }
    int category = (int) x;
    long[] members = categorySets[set >> 1];
    return category >> 6 >= members.length || ((members[category >> 6] >>> category) & 1) == 0;
  }

  int count() {
    return words.length;
  }

  /** The feature that a node splits, or {@link #LEAF}. */
  int feature(int node) {
    int slot = (int) words[node] & slotMask;
    if (slot == leafSlot) {
      return LEAF;
    }
    return slot > leafSlot ? slot - leafSlot - 1 : slot % features;
  }

  boolean isCategorical(int node) {
    return ((int) words[node] & slotMask) > leafSlot;
  }

  float leafValue(int node) {
    return Float.intBitsToFloat((int) (words[node] >> 32));
  }

  float threshold(int node) {
    return ofKey((int) (words[node] >> 32));
  }

  /** Of the categories that go right at a node, the bits. */
  long[] categories(int node) {
    return categorySets[(int) (words[node] >> 32) >> 1];
  }

  int rightChild(int node) {
    return node + ((int) words[node] >>> slotBits);
  }

  float cover(int node) {
    return cover[node];
  }

  /** What it takes in memory, bytes. */
  long bytes() {
    long bytes = (long) words.length * (Long.BYTES + Float.BYTES);
    for (long[] set : categorySets) {
      bytes += (long) set.length * Long.BYTES;
    }
    return bytes;
  }
}
