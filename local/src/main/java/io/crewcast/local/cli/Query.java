package io.crewcast.local.cli;

import io.crewcast.local.lake.LakeCatalogue;
import io.crewcast.local.lake.LakeSql;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sql}: questions to a lake. */
@Command(
    name = "sql",
    mixinStandardHelpOptions = true,
    description = {
      "Answers a query in DuckDB's SQL over the tables of a lake, by name: select * from alerts.",
      "'show tables' lists them, 'describe predictions' says what they hold. Times are in UTC.",
      "Without QUERY and --file it is read from standard input."
    })
final class Query implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      arity = "0..1",
      paramLabel = "QUERY",
      description =
          "One statement, or several parted by semicolons: the last one's rows are shown.")
  private @Nullable String query;

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      converter = FileToRead.class,
      description = "Read the query from a file.")
  private @Nullable Path file;

  @Option(
      names = "--lake",
      paramLabel = "DIR",
      required = true,
      description = "Folder of the lake, as a job was given it.")
  private Path lake = Path.of("");

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "table, csv or json, an object a line (default: table). In csv an empty text is \"\" and"
              + " null is nothing; what is nested is JSON in all three.")
  private RowFormat format = RowFormat.TABLE;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      converter = FileToWrite.class,
      description = "Write the rows to a file; one that is there is replaced.")
  private @Nullable Path out;

  @Mixin private DefinitionsFolder definitions = new DefinitionsFolder();

  @Override
  public Integer call() throws Exception {
    String statements = statements();
    try (LakeSql sql = LakeSql.open(lake, LakeCatalogue.of(definitions.path()))) {
      sql.run(
          statements,
          answer -> {
            if (out == null) {
              format.write(answer, spec.commandLine().getOut(), width());
            } else {
              try (PrintWriter file =
                  new PrintWriter(Files.newBufferedWriter(out, StandardCharsets.UTF_8))) {
                format.write(answer, file, Integer.MAX_VALUE);
                if (file.checkError()) {
                  throw new IOException("Cannot write all of %s: is the disk full?".formatted(out));
                }
              }
            }
          });
    }
    return 0;
  }

  private String statements() throws IOException {
    if (query != null && file != null) {
      throw new ParameterException(spec.commandLine(), "Give QUERY or --file, not both");
    }
    if (query == null && file == null && isTypedInto()) {
      throw new ParameterException(
          spec.commandLine(), "There is no query: \"select count(*) from predictions\" is one");
    }
    String statements =
        query != null
            ? query
            : file != null
                ? Files.readString(file)
                : new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
    if (statements.isBlank()) {
      throw new ParameterException(spec.commandLine(), "The query is empty");
    }
    return statements;
  }

  @SuppressWarnings(
      "SystemConsoleNull") // null without a terminal up to JDK 21; the build holds to 17
  private static boolean isTypedInto() {
    return System.console() != null;
  }

  private int width() {
    return isTypedInto() ? spec.usageMessage().width() : Integer.MAX_VALUE;
  }
}
