package io.crewcast.local.cli;

import io.crewcast.local.ingest.CsvImport;
import io.crewcast.local.ingest.ImportAccount;
import io.crewcast.local.ingest.Mapping;
import io.crewcast.local.stack.Home;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code import}: CSV files through a mapping into an event file. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = "Reads CSV files by a mapping into work events, sorted as they became known.")
public final class ImportEvents implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--mapping",
      required = true,
      description = "A mapping that ships (cesaw), or a file.")
  private String mapping = "";

  @Option(names = "--data", required = true, description = "The folder that holds the CSV files.")
  private Path data = Path.of("");

  @Option(names = "--out", required = true, description = "The event file to write (Avro).")
  private Path out = Path.of("");

  @Option(
      names = "--rejects",
      description = "Rejected rows as JSON lines; <out>.rejects.jsonl without it.")
  private @Nullable Path rejects;

  @Option(
      names = "--definitions",
      description = "The folder that holds mappings/; flink-conf without it.")
  private @Nullable Path definitions;

  @Override
  public Integer call() throws IOException {
    Path rejected =
        rejects == null ? out.resolveSibling(out.getFileName() + ".rejects.jsonl") : rejects;
    Path shipped = definitions == null ? Home.find().flinkConf() : definitions;
    Mapping read = Mapping.read(Mapping.find(mapping, shipped), data);
    ImportAccount account;
    try (ProgressBar bar = Progress.of("rows", -1)) {
      account = CsvImport.run(read, out, rejected, bar::step);
    }
    if (spec != null) {
      spec.commandLine().getOut().println(account);
      spec.commandLine()
          .getOut()
          .println("events: " + out + (account.rejected() > 0 ? ", rejects: " + rejected : ""));
    }
    return 0;
  }
}
