package io.crewcast.benchmarks.measure;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What figures were measured on.
 *
 * @param cores that the JVM may use
 * @param processor its model
 * @param jdk name and version
 * @param load programs that wanted to run just before; negative when the system does not say
 */
public record Machine(int cores, String processor, String jdk, double load) {

  private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
  private static final String MODEL = "model name";

  /** As it is now. */
  public static Machine here() {
    return new Machine(
        Runtime.getRuntime().availableProcessors(),
        model(),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
  }

  private static String model() {
    String architecture = System.getProperty("os.arch");
    if (!Files.isReadable(PROCESSORS)) {
      return architecture;
    }
    try (Stream<String> lines = Files.lines(PROCESSORS)) {
      return lines
          .filter(line -> line.startsWith(MODEL))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .orElse(architecture);
    } catch (IOException e) {
      return architecture; // a figure is worth having without
    }
  }

  /** Whether other programs leave too little of it: a measurement takes one core and a bit. */
  @JsonIgnore
  boolean isBusy() {
    return load > cores / 2.0;
  }

  @Override
  public String toString() {
    return "%d cores, %s, %s, load %s before"
        .formatted(cores, processor, jdk, load < 0 ? "unknown" : Figure.text(load));
  }
}
