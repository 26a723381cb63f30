package io.crewcast.local.cli;

import io.crewcast.jobs.ExperimentJob;
import io.crewcast.jobs.ExperimentJobOptions;
import io.crewcast.jobs.MonitoringJob;
import io.crewcast.jobs.MonitoringJobOptions;
import io.crewcast.jobs.ScoringJob;
import io.crewcast.jobs.ScoringJobOptions;
import io.crewcast.local.stack.FlinkClient;
import io.crewcast.local.stack.FlinkClient.Run;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.apache.flink.api.common.JobStatus;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code submit}: a job of the fat jar onto a Flink cluster, by REST. */
@Command(
    name = "submit",
    mixinStandardHelpOptions = true,
    description = "Uploads the jar to a Flink cluster, starts a job of it and waits until it runs.")
final class Submit implements Callable<Integer> {
  private static final String JOBS = "io.crewcast.jobs.";

  /** The options of each job, in words. */
  private static final Map<String, Supplier<String>> HELP =
      Map.of(
          ScoringJob.class.getName(), ScoringJobOptions::help,
          MonitoringJob.class.getName(), MonitoringJobOptions::help,
          ExperimentJob.class.getName(), ExperimentJobOptions::help);

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private Cluster cluster = new Cluster();

  @Parameters(
      index = "0",
      paramLabel = "JOB",
      description =
          "ScoringJob, MonitoringJob, ExperimentJob, or the full name of a class with a main method.")
  private String job = "";

  @Parameters(
      index = "1..*",
      paramLabel = "ARGUMENT",
      description = "The job's own options; its name and --help show them.")
  private List<String> arguments = List.of();

  @Option(
      names = "--from-savepoint",
      paramLabel = "PATH",
      description = "Where the state comes from; empty if not said.")
  private @Nullable String savepoint;

  @Option(
      names = "--wait",
      paramLabel = "SECONDS",
      converter = AtLeastOne.class,
      defaultValue = "60",
      description = "How long the job may take until it runs (${DEFAULT-VALUE}).")
  private int waitSeconds;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    String mainClass = job.contains(".") ? job : JOBS + job;
    Supplier<String> help = HELP.get(mainClass);
    if (help != null && arguments.contains("--help")) {
      out.print(help.get());
      out.flush();
      return 0;
    }
    FlinkClient client = new FlinkClient(cluster.url);
    Run run = cluster.on(Run.of(mainClass, arguments)).from(savepoint);
    out.println("Submitting to " + cluster.url + "; the job asks Kafka and the registry first ...");
    out.flush();
    String id = client.run(cluster.upload(client), run);
    out.println("Job " + id);
    out.println("Dashboard " + client.page(id));
    out.flush();
    client.await(id, JobStatus.RUNNING, Duration.ofSeconds(waitSeconds));
    out.println("Running");
    return 0;
  }
}
