package io.crewcast.local.cli;

import io.crewcast.local.contract.AsyncApiDocument;
import io.crewcast.sinks.kafka.TopicChange;
import io.crewcast.sinks.kafka.TopicChange.AddPartitions;
import io.crewcast.sinks.kafka.TopicChange.Create;
import io.crewcast.sinks.kafka.TopicChange.MorePartitions;
import io.crewcast.sinks.kafka.TopicChanges;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code topics}: the topics of a cluster and their definitions. */
@Command(
    name = "topics",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description =
        "Compares the topics of a Kafka cluster with what Crewcast needs, makes them so, and"
            + " describes them.",
    subcommands = {TopicCommands.Diff.class, TopicCommands.Apply.class, TopicCommands.Export.class})
final class TopicCommands {
  private TopicCommands() {}

  /** {@code topics diff}: what there is to change. */
  @Command(
      name = "diff",
      mixinStandardHelpOptions = true,
      description = {
        "Says which topics are missing (+), are set otherwise (~), have too few partitions (!) or"
            + " more than enough (=).",
        "Exit status 1 where 'topics apply' would change something."
      })
  static final class Diff implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Addresses.Kafka kafka = new Addresses.Kafka();

    @Override
    public Integer call() throws InterruptedException {
      PrintWriter out = spec.commandLine().getOut();
      List<TopicChange> found = TopicChanges.find(kafka.bootstrapServers);
      tell(found, out);
      boolean asDefined = found.stream().allMatch(MorePartitions.class::isInstance);
      if (asDefined) {
        out.println("All topics are as they should be");
      }
      return asDefined ? 0 : 1;
    }
  }

  /** {@code topics apply}: changes it. */
  @Command(
      name = "apply",
      mixinStandardHelpOptions = true,
      description = {
        "Creates the topics that are missing and sets those that are set otherwise, after it has"
            + " shown what it will do and was told to.",
        "It deletes nothing and knows only the topics that Crewcast uses."
      })
  static final class Apply implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private Addresses.Kafka kafka = new Addresses.Kafka();

    @Option(names = "--yes", description = "Do it without asking.")
    private boolean yes;

    @Option(
        names = "--add-partitions",
        description =
            "Add partitions where there are too few. Keys then go to other partitions, so"
                + " that records of one key are no longer in order: stop producers and let jobs"
                + " read all before.")
    private boolean addPartitions;

    @Override
    public Integer call() throws IOException, InterruptedException {
      PrintWriter out = spec.commandLine().getOut();
      List<TopicChange> found = TopicChanges.find(kafka.bootstrapServers);
      tell(found, out);
      List<TopicChange> wanted = found.stream().filter(this::isWanted).toList();
      if (found.stream().anyMatch(AddPartitions.class::isInstance) && !addPartitions) {
        out.println("Partitions are added with --add-partitions only");
      }
      if (wanted.isEmpty()) {
        out.println("There is nothing to do");
        return 0;
      }
      if (!yes && !isTold(wanted.size(), out)) {
        out.println("Nothing was changed");
        return 1;
      }
      for (TopicChange change : wanted) {
        TopicChanges.apply(kafka.bootstrapServers, change);
      }
      out.printf("Done: %d %s%n", wanted.size(), wanted.size() == 1 ? "change" : "changes");
      return 0;
    }

    private boolean isWanted(TopicChange change) {
      return change instanceof AddPartitions ? addPartitions : !(change instanceof MorePartitions);
    }

    private static boolean isTold(int changes, PrintWriter out) throws IOException {
      out.printf("Make %d %s? [y/N] ", changes, changes == 1 ? "change" : "changes");
      out.flush();
      String answer =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
      return answer != null && answer.strip().matches("(?i)y|yes");
    }
  }

  /** {@code topics export}: the contract. */
  @Command(
      name = "export",
      mixinStandardHelpOptions = true,
      description = "Prints all topics as an AsyncAPI 3.0 document, docs/asyncapi.yaml.")
  static final class Export implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private DefinitionsFolder definitions = new DefinitionsFolder();

    @Override
    public Integer call() throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      out.print(AsyncApiDocument.yaml(definitions.load().schemas()));
      out.flush();
      return 0;
    }
  }

  private static void tell(List<TopicChange> changes, PrintWriter out) {
    for (TopicChange change : changes) {
      out.printf("%s %-24s %s%n", mark(change), change.topic().topicName(), change.inWords());
    }
    out.flush();
  }

  private static char mark(TopicChange change) {
    return change instanceof Create
        ? '+'
        : change instanceof AddPartitions ? '!' : change instanceof MorePartitions ? '=' : '~';
  }
}
