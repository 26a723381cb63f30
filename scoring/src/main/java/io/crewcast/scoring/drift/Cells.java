package io.crewcast.scoring.drift;

import io.crewcast.scoring.model.Profile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cells of one input, fixed by its reference: windows only count in them, so that counts of any
 * windows and tasks add up.
 *
 * <p>Of numbers those between the reference's edges, then missing, then not finite; of texts its
 * most frequent ones, then all others, then missing.
 */
public final class Cells {

  private final Profile profile;
  private final List<String> names = new ArrayList<>();
  private final Map<String, Integer> cellOfText = new HashMap<>();

  public Cells(Profile profile) {
    this.profile = profile;
    double[] edges = profile.edges();
    if (edges != null) {
      for (int i = 0; i <= edges.length; i++) {
        names.add(range(edges, i));
      }
      names.add("(missing)");
      names.add("(not finite)");
    } else {
      Map<String, Long> values = profile.values() == null ? Map.of() : profile.values();
      for (String value : values.keySet()) {
        cellOfText.put(value, names.size());
        names.add(value);
      }
      names.add("(other)");
      names.add("(missing)");
    }
  }

  private static String range(double[] edges, int cell) {
    if (edges.length == 0) {
      return "any";
    } else if (cell == 0) {
      return "up to " + shown(edges[0]);
    }
    return cell == edges.length
        ? "over " + shown(edges[cell - 1])
        : shown(edges[cell - 1]) + " to " + shown(edges[cell]);
  }

  private static String shown(double edge) {
    return edge == Math.rint(edge) && Math.abs(edge) < 1e15
        ? Long.toString((long) edge)
        : "%.4g".formatted(edge);
  }

  public boolean isNumeric() {
    return profile.edges() != null;
  }

  public int size() {
    return names.size();
  }

  /** What each cell holds, for people. */
  public List<String> names() {
    return names;
  }

  /** The cell of what has no value. */
  public int missing() {
    return isNumeric() ? size() - 2 : size() - 1;
  }

  /** The cell of numbers that are none; of numeric inputs alone. */
  public int notFinite() {
    return size() - 1;
  }

  /** The cell of texts that the reference does not name; of texts alone. */
  public int other() {
    return size() - 2;
  }

  /** The cell of a value as it was scored; conditions are 1 and 0. */
  public int of(@Nullable Object value) {
    if (value == null) {
      return missing();
    } else if (!isNumeric()) {
      return cellOfText.getOrDefault(value.toString(), other());
    }
    double x = number(value);
    return Double.isFinite(x) ? Profile.cell(edges(), x) : notFinite();
  }

  /** The value as a number; NaN of what is none. */
  public static double number(@Nullable Object value) {
    if (value instanceof Number number) {
      return number.doubleValue();
    }
    return value instanceof Boolean yes ? (yes ? 1 : 0) : Double.NaN;
  }

  /** Whether a number is below or above all that the reference held. */
  public boolean isBeyond(double number) {
    Double least = profile.least();
    Double greatest = profile.greatest();
    return least != null
        && greatest != null
        && Double.isFinite(number)
        && (number < least || number > greatest);
  }

  /** Ends of the cells of numbers, ascending. */
  double[] edges() {
    double[] edges = profile.edges();
    return edges == null ? new double[0] : edges;
  }

  /** The reference's standard deviation; 0 where it is not known. */
  double deviation() {
    return profile.deviation() == null ? 0 : profile.deviation();
  }

  /** What the reference counted. */
  public CellCounts reference() {
    return new CellCounts(expected(), profile.least(), profile.greatest());
  }

  /** How many different entities the reference is of; an old one does not say, its rows then. */
  public long references() {
    return profile.entities() > 0 ? profile.entities() : Distances.sum(expected());
  }

  private long[] expected() {
    long[] expected = new long[size()];
    if (profile.counts() != null) {
      System.arraycopy(profile.counts(), 0, expected, 0, profile.counts().length);
      expected[notFinite()] = profile.notFinite();
    } else if (profile.values() != null) {
      profile.values().forEach((value, count) -> expected[of(value)] = count);
      expected[other()] = profile.other();
    }
    expected[missing()] = profile.missing();
    return expected;
  }
}
