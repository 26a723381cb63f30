package io.crewcast.local.stack;

import com.sun.management.OperatingSystemMXBean;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the stack needs of the machine, looked at before anything starts. */
final class Machine {
  private static final Pattern SEPARATOR = Pattern.compile(Pattern.quote(File.pathSeparator));
  private static final int FIRST_PORT = 10_000;

  /** Below the ports that Linux gives to outgoing connections, which come and go. */
  private static final int LAST_PORT = 32_000;

  private static final Path MEMORY = Path.of("/proc/meminfo");

  private Machine() {}

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  static void requireJava17() {
    int version = Runtime.version().feature();
    if (version != 17) {
      throw new StackException(
          "Java 17 is needed, this is Java "
              + version
              + ": install a JDK 17 (Debian: apt-get install openjdk-17-jdk-headless) and set"
              + " JAVA_HOME to it");
    }
  }

  /** {@code name} as the loader looks for it; other systems bring or name it their own way. */
  static void requireLibrary(String name, String debianPackage, String user) {
    if (!System.getProperty("os.name").equals("Linux")) {
      return;
    }
    boolean found =
        Stream.concat(
                SEPARATOR.splitAsStream(System.getProperty("java.library.path", "")),
                Stream.of("/lib64", "/usr/lib64"))
            .anyMatch(folder -> Files.exists(Path.of(folder, name)));
    if (!found) {
      throw new StackException(
          "%s is missing, %s needs it: install it (Debian: apt-get install %s)"
              .formatted(name, user, debianPackage));
    }
  }

  static void requireMemory(int megabytes) {
    long available = availableMegabytes();
    if (available < megabytes) {
      throw new StackException(
          "About %d MB of memory are needed, %d MB are free: close other programs, or start less"
                  .formatted(megabytes, available)
              + " (up --task-managers 1, up --without flink)");
    }
  }

  static void requireFreePort(int port, String option) {
    if (port != 0 && !isFree(port)) {
      throw new StackException(
          "Port %d is taken: end what listens there, or choose another with %s"
              .formatted(port, option));
    }
  }

  static int freePort() {
    for (int attempt = 0; attempt < 1000; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST_PORT, LAST_PORT);
      if (isFree(port)) {
        return port;
      }
    }
    throw new StackException("No port free from " + FIRST_PORT + " to " + LAST_PORT);
  }

  static boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  /** What can still be taken; all there is where the machine does not say. */
  static long availableMegabytes() {
    try {
      if (Files.exists(MEMORY)) {
        List<String> lines = Files.readAllLines(MEMORY);
        for (String line : lines) {
          if (line.startsWith("MemAvailable:")) {
            return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
          }
        }
      }
    } catch (IOException e) {
      // A machine that does not say is taken at its best.
    }
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getTotalMemorySize()
        >> 20;
  }
}
