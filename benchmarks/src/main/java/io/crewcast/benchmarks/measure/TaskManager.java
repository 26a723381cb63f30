package io.crewcast.benchmarks.measure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;

/**
 * The TaskManager that {@code flink-conf/config.yaml} describes.
 *
 * @param configuration all that the file says
 */
public record TaskManager(Configuration configuration) {

  private static final String CONFIGURATION = "flink-conf/config.yaml";

  /** The file of the checkout, found from the working directory upwards unless it is named. */
  public static TaskManager ofTheCheckout() {
    String home = System.getProperty("crewcast.home");
    Path here = Path.of(home == null ? "" : home).toAbsolutePath();
    while (!Files.exists(here.resolve(CONFIGURATION))) {
      if (here.getParent() == null) {
        throw new IllegalStateException(
            "no " + CONFIGURATION + " here or above: change into the checkout");
      }
      here = here.getParent();
    }
    Path folder = here.resolve(CONFIGURATION).getParent();
    return new TaskManager(GlobalConfiguration.loadConfiguration(folder.toString()));
  }

  /** What RocksDB may take in one slot, bytes. */
  public long managedMemoryOfASlot() {
    TaskExecutorProcessSpec memory = memory();
    return memory.getManagedMemorySize().getBytes() / memory.getNumSlots();
  }

  /** The flags of its JVM that matter here: the heap, and what Flink asks of Java 17. */
  public List<String> jvmArguments() {
    List<String> arguments = new ArrayList<>();
    int megabytes = memory().getJvmHeapMemorySize().getMebiBytes();
    arguments.add("-Xms" + megabytes + "m");
    arguments.add("-Xmx" + megabytes + "m");
    arguments.addAll(
        List.of(configuration.get(CoreOptions.FLINK_JVM_OPTIONS).strip().split("\\s+")));
    return arguments;
  }

  private TaskExecutorProcessSpec memory() {
    return TaskExecutorProcessUtils.processSpecFromConfig(configuration);
  }
}
