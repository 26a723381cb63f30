package io.crewcast.features.window;

/** Whole numbers that add. */
final class Sums implements Slot {

  /** Changed in place. */
  final long[] numbers;

  Sums(long[] numbers) {
    this.numbers = numbers;
  }

  @Override
  public int memory() {
    return 32 + Long.BYTES * numbers.length;
  }
}
