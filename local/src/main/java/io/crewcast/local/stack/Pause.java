package io.crewcast.local.stack;

/** The wait between two looks at a server that cannot call back. */
final class Pause {
  private static final int MILLIS = 50;

  private Pause() {}

  static void briefly() {
    try {
      Thread.sleep(MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StackException("Interrupted while waiting for a server");
    }
  }
}
