package io.crewcast.schemas.expression;

import java.util.Collection;
import java.util.Comparator;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** What somebody may have meant who wrote a name that is not known. */
public final class NearestNames {

  private static final int MOST = 3;

  private NearestNames() {}

  /** {@code nearest are minutes, cost_cents, phase}: by how many letters differ. */
  public static String to(String unknown, Collection<String> known) {
    LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
    return "nearest are "
        + String.join(
            ", ",
            known.stream()
                .sorted(Comparator.comparingInt(name -> distance.apply(unknown, name)))
                .limit(MOST)
                .toList());
  }
}
