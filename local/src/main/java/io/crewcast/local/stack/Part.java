package io.crewcast.local.stack;

/** A server of the local stack, with the memory that it may take beside this JVM's heap. */
public enum Part {
  KAFKA(300),
  REGISTRY(500),
  REDIS(50),
  FLINK(2048);

  private final int memoryMegabytes;

  Part(int memoryMegabytes) {
    this.memoryMegabytes = memoryMegabytes;
  }

  int memoryMegabytes() {
    return memoryMegabytes;
  }
}
