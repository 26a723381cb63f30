package io.crewcast.local.stack;

import io.crewcast.local.stack.StackOptions.Use;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessSpec;
import org.apache.flink.runtime.clusterframework.TaskExecutorProcessUtils;
import org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint;
import org.apache.flink.runtime.jobmanager.JobManagerProcessSpec;
import org.apache.flink.runtime.jobmanager.JobManagerProcessUtils;
import org.apache.flink.runtime.taskexecutor.TaskManagerRunner;
import org.apache.flink.runtime.util.config.memory.ProcessMemoryUtils;

/**
 * A JobManager and TaskManagers as a Flink distribution would start them: processes of their own,
 * {@code flink-conf/config.yaml}, and nothing of Crewcast on their class path, so that a job brings
 * all that it needs in its jar.
 */
public final class FlinkCluster implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(3);

  /** As in flink-conf/config.yaml. */
  static final int TASK_MANAGER_MEGABYTES = 4096;

  private static final Pattern BLANKS = Pattern.compile("\\s+");

  private final Home home;
  private final Path directory;
  private final Use use;
  private final Configuration configuration;
  private final Map<String, String> overrides;
  private final FlinkClient client;
  private final ChildProcess jobManager;

  /** Those that should run, by the name that they register with, oldest first. */
  private final Map<String, ChildProcess> taskManagers = new LinkedHashMap<>();

  private int taskManagersStarted;

  private FlinkCluster(
      Home home,
      Path directory,
      Use use,
      Configuration configuration,
      Map<String, String> overrides,
      FlinkClient client) {
    this.home = home;
    this.directory = directory;
    this.use = use;
    this.configuration = configuration;
    this.overrides = overrides;
    this.client = client;
    this.jobManager = startJobManager();
  }

  static FlinkCluster start(Home home, Path directory, int dashboardPort, StackOptions options) {
    Map<String, String> overrides = new LinkedHashMap<>();
    overrides.put("jobmanager.rpc.address", "127.0.0.1");
    overrides.put("jobmanager.rpc.port", Integer.toString(Machine.freePort()));
    overrides.put("jobmanager.bind-host", "127.0.0.1");
    overrides.put("rest.address", "127.0.0.1");
    overrides.put("rest.bind-address", "127.0.0.1");
    overrides.put("rest.port", Integer.toString(dashboardPort));
    overrides.put("rest.bind-port", Integer.toString(dashboardPort));
    overrides.put("taskmanager.host", "127.0.0.1");
    overrides.put("taskmanager.bind-host", "127.0.0.1");
    overrides.put("taskmanager.numberOfTaskSlots", Integer.toString(options.slots()));
    if (options.use() == Use.BULK) {
      overrides.put("state.backend.type", "hashmap");
      overrides.put("taskmanager.memory.process.size", bulkMegabytes() + " mb");
      overrides.put("taskmanager.memory.managed.fraction", "0.05"); // RocksDB's, by default a third
      overrides.put("classloader.resolve-order", "parent-first"); // the jar is on the class path
      // a heap of gigabytes is collected for longer than the 10 s that Flink waits for an answer
      overrides.put("pekko.ask.timeout", "1 min");
    }
    overrides.put("io.tmp.dirs", directory.resolve("tmp").toString());
    overrides.put(
        "execution.checkpointing.dir", directory.resolve("checkpoints").toUri().toString());
    overrides.put(
        "execution.checkpointing.savepoint-dir",
        directory.resolve("savepoints").toUri().toString());
    Configuration configuration =
        GlobalConfiguration.loadConfiguration(
            home.flinkConf().toString(), Configuration.fromMap(overrides));
    return new FlinkCluster(
        home,
        directory,
        options.use(),
        configuration,
        overrides,
        new FlinkClient("http://127.0.0.1:" + dashboardPort));
  }

  /** Where state lies in memory, a TaskManager takes more on a machine that has much of it. */
  private static long bulkMegabytes() {
    return Math.max(TASK_MANAGER_MEGABYTES, Machine.availableMegabytes() / 2);
  }

  /** Speaks to the cluster by REST. */
  public FlinkClient client() {
    return client;
  }

  /** The dashboard, for people; its REST interface has the same address. */
  public String dashboard() {
    return client.url();
  }

  /** Adds a TaskManager; {@link #awaitTaskManagers} says when its slots are there. */
  public void startTaskManager() {
    TaskExecutorProcessSpec memory = TaskExecutorProcessUtils.processSpecFromConfig(configuration);
    String name = "taskmanager-" + ++taskManagersStarted;
    List<String> command =
        java(name, ProcessMemoryUtils.generateJvmParametersStr(memory), TaskManagerRunner.class);
    BLANKS
        .splitAsStream(TaskExecutorProcessUtils.generateDynamicConfigsStr(memory).strip())
        .forEach(command::add);
    command.add("-D");
    command.add("taskmanager.resource-id=" + name);
    taskManagers.put(name, ChildProcess.start(name, log(name, ".out"), command));
  }

  /** Ends the TaskManager that runs longest, as a crash would. */
  public void killTaskManager() {
    Iterator<ChildProcess> running = taskManagers.values().iterator();
    ChildProcess oldest = running.next();
    running.remove();
    oldest.kill();
  }

  /** Waits until those TaskManagers are registered that should run, and no dead one any more. */
  public void awaitTaskManagers() {
    jobManager.awaitReady(this::allRegistered, START);
  }

  private boolean allRegistered() {
    taskManagers.forEach(
        (name, process) -> {
          if (!process.isAlive()) {
            throw new StackException(name + " ended at its start: see " + log(name, ".out"));
          }
        });
    try {
      // a TaskManager is registered before it has reported its slots
      int slots = taskManagers.size() * configuration.get(TaskManagerOptions.NUM_TASK_SLOTS);
      return client.taskManagers().equals(taskManagers.keySet())
          && client.overview().slots() == slots;
    } catch (StackException e) {
      return false;
    }
  }

  private ChildProcess startJobManager() {
    JobManagerProcessSpec memory = JobManagerProcessUtils.processSpecFromConfig(configuration);
    List<String> command =
        java(
            "jobmanager",
            JobManagerProcessUtils.generateJvmParametersStr(memory, configuration),
            StandaloneSessionClusterEntrypoint.class);
    BLANKS
        .splitAsStream(JobManagerProcessUtils.generateDynamicConfigsStr(memory).strip())
        .forEach(command::add);
    return ChildProcess.start("the JobManager", log("jobmanager", ".out"), command);
  }

  private List<String> java(String name, String memoryFlags, Class<?> main) {
    List<String> command = new ArrayList<>();
    command.add(Machine.java());
    BLANKS.splitAsStream(memoryFlags.strip()).forEach(command::add);
    BLANKS
        .splitAsStream(configuration.get(CoreOptions.FLINK_JVM_OPTIONS).strip())
        .filter(flag -> !flag.isEmpty())
        .forEach(command::add);
    command.add("-XX:+UseParallelGC"); // all share a few cores: what G1 does meanwhile they lack
    if (use == Use.BRIEF || main != TaskManagerRunner.class) {
      command.add("-XX:TieredStopAtLevel=1");
    }
    command.add("-Dlog.file=" + log(name, ".log"));
    command.add(
        "-Dlog4j.configurationFile=" + home.flinkConf().resolve("log4j.properties").toUri());
    command.add("-cp");
    command.add(home.flinkLib() + "/*" + (use == Use.BULK ? ":" + home.jobsJar() : ""));
    command.add(main.getName());
    command.add("--configDir");
    command.add(home.flinkConf().toString());
    overrides.forEach(
        (key, value) -> {
          command.add("-D");
          command.add(key + "=" + value);
        });
    return command;
  }

  private Path log(String name, String extension) {
    return directory.resolve(name + extension);
  }

  @Override
  public void close() {
    taskManagers.values().forEach(ChildProcess::terminate);
    jobManager.terminate();
    taskManagers.values().forEach(ChildProcess::close);
    jobManager.close();
  }
}
