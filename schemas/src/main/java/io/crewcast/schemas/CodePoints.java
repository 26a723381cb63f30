package io.crewcast.schemas;

import java.util.Comparator;
import org.jspecify.annotations.NullMarked;

/** Texts in the order of their code points, which is that of their UTF-8 bytes, as in SQL. */
@NullMarked
public final class CodePoints {

  public static final Comparator<String> ORDER = CodePoints::compare;

  private CodePoints() {}

  private static int compare(String one, String other) {
    int length = Math.min(one.length(), other.length());
    for (int i = 0; i < length; i++) {
      if (one.charAt(i) != other.charAt(i)) {
        // surrogates stand for what comes after all else
        boolean oneBeyond = Character.isSurrogate(one.charAt(i));
        boolean otherBeyond = Character.isSurrogate(other.charAt(i));
        return oneBeyond == otherBeyond
            ? Character.compare(one.charAt(i), other.charAt(i))
            : Boolean.compare(oneBeyond, otherBeyond);
      }
    }
    return Integer.compare(one.length(), other.length());
  }
}
