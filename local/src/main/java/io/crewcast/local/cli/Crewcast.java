package io.crewcast.local.cli;

import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/**
 * {@code ./crewcast}: all commands. One class each, named here. Exit status 0, 1 when it failed, 2
 * when it was called wrongly; what went wrong is one line.
 */
@Command(
    name = "crewcast",
    mixinStandardHelpOptions = true,
    version = "crewcast 0.1.0",
    description = "Live features and live scores from the events of a work-management platform.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      Demo.class,
      Backfill.class,
      Train.class,
      Up.class,
      ImportEvents.class,
      ReplayEvents.class,
      SimulateEvents.class,
      Tail.class,
      TopicCommands.class,
      Features.class,
      Models.class,
      Report.class,
      Query.class,
      Bench.class,
    })
public final class Crewcast {
  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Print the stack trace of a failure.")
  private boolean debug;

  private Crewcast() {}

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }

  /** The commands, as {@code main} runs them; tests set their own writers. */
  static CommandLine commandLine() {
    Crewcast root = new Crewcast();
    return new CommandLine(root)
        // What follows the job's name is the job's.
        .addSubcommand(new CommandLine(new Submit()).setStopAtPositional(true))
        .setUsageHelpAutoWidth(true)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Crewcast::misused)
        .setExecutionExceptionHandler(
            (failure, command, parsed) -> Failure.tell(failure, root.debug, command.getErr()));
  }

  private static int misused(CommandLine.ParameterException misuse, String[] arguments) {
    PrintWriter err = misuse.getCommandLine().getErr();
    err.printf(
        "crewcast: %s; see %s --help%n",
        misuse.getMessage(), misuse.getCommandLine().getCommandSpec().qualifiedName());
    return CommandLine.ExitCode.USAGE;
  }
}
