package io.crewcast.local.report;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says in a sentence what a section leaves out, so that nobody takes a part for the whole. */
final class Cut {

  private Cut() {}

  /**
   * The sentence.
   *
   * @param kept what of it is shown
   * @return null where all is shown
   */
  static @Nullable String of(long all, long shown, String what, String kept) {
    return shown >= all
        ? null
        : String.format(Locale.ROOT, "Shown are %,d of %,d %s: %s.", shown, all, what, kept);
  }
}
