package io.crewcast.scoring.serving;

import org.jspecify.annotations.Nullable;

/**
 * What a version says of one row.
 *
 * @param outputs one number, or one a class or quantile
 * @param contributions of each input to the margin of the likeliest class, of the middle quantile
 *     or of the only number; empty where none were asked for
 * @param baseValue the margin that contributions start from
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record Answer(float[] outputs, double[] contributions, double baseValue) {

  /** Takes an answer. */
  @FunctionalInterface
  public interface Receiver {

    /**
     * Takes the answer of one row.
     *
     * @param answer null where the version is cut off or failed: the fallback's turn
     */
    void accept(@Nullable Answer answer);
  }
}
