package io.crewcast.features.window;

/** What is kept of one column, as time and changes left it. */
sealed interface Slot permits Sums, Tally, Best {

  /** Bytes of the heap, about. */
  int memory();
}
