package io.crewcast.benchmarks.measure;

import java.util.List;

/** Benchmarks that are run together, so that their figures can be compared. */
public interface Suite {

  /**
   * Runs them all.
   *
   * @param jmh runs one
   * @param quick for a first impression, in a tenth of the time
   */
  List<Figure> measure(Jmh jmh, boolean quick) throws Exception;

  /** What a reader of the figures must know, a line each. */
  List<String> notes(boolean quick);
}
