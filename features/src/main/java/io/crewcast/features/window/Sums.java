package io.crewcast.features.window;

/**
 * Whole numbers that add.
 *
 * @param numbers changed in place
 */
record Sums(long[] numbers) implements Slot {}
