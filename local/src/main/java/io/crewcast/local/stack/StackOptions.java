package io.crewcast.local.stack;

import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to start and where.
 *
 * @param parts the servers wanted
 * @param directory where they keep their data and logs, emptied at the start; null is a temporary
 *     folder that closing removes
 * @param ports the ports they listen on
 * @param taskManagers processes that run tasks
 * @param slots tasks side by side in each of them
 * @param use what Flink is tuned for
 */
public record StackOptions(
    Set<Part> parts, @Nullable Path directory, Ports ports, int taskManagers, int slots, Use use) {

  /** What the TaskManagers are for. */
  public enum Use {
    /** Some minutes: they compile quickly rather than well. */
    BRIEF,
    /** As long as one likes. */
    LASTING,
    /**
     * A great many events, once: state is kept in memory and not in RocksDB, and the classes of
     * jobs stay loaded and compiled from one job to the next.
     */
    BULK
  }

  /** Ports on 127.0.0.1; 0 takes a free one. */
  public record Ports(int kafka, int registry, int redis, int dashboard) {
    public static final Ports FREE = new Ports(0, 0, 0, 0);
    public static final Ports USUAL = new Ports(9092, 8085, 6379, 8081);

    /** The usual ports, and free ones in place of those that are taken. */
    public static Ports usualWhereFree() {
      return new Ports(
          orFree(USUAL.kafka),
          orFree(USUAL.registry),
          orFree(USUAL.redis),
          orFree(USUAL.dashboard));
    }

    private static int orFree(int port) {
      return Machine.isFree(port) ? port : 0;
    }
  }

  public StackOptions {
    parts = Set.copyOf(parts);
  }

  /** The parts on free ports, with two TaskManagers of two slots, for some minutes. */
  public static StackOptions of(Part... parts) {
    return new StackOptions(Set.of(parts), null, Ports.FREE, 2, 2, Use.BRIEF);
  }

  public StackOptions in(Path newDirectory) {
    return new StackOptions(parts, newDirectory, ports, taskManagers, slots, use);
  }

  public StackOptions on(Ports newPorts) {
    return new StackOptions(parts, directory, newPorts, taskManagers, slots, use);
  }

  public StackOptions withTaskManagers(int count, int slotsEach) {
    return new StackOptions(parts, directory, ports, count, slotsEach, use);
  }

  public StackOptions forUse(Use newUse) {
    return new StackOptions(parts, directory, ports, taskManagers, slots, newUse);
  }
}
