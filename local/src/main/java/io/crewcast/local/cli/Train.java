package io.crewcast.local.cli;

import io.crewcast.features.definition.Definitions;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.operator.FlinkModelStore;
import io.crewcast.scoring.training.ModelCard;
import io.crewcast.scoring.training.TrainModel;
import io.crewcast.scoring.training.Training;
import io.crewcast.scoring.training.TrainingRequest;
import io.crewcast.scoring.training.TrainingWatch;
import io.crewcast.scoring.training.Verdict;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code train}: a new version of a model from the lake's training examples. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description =
        "Trains a new version of a model from the lake's training examples, and publishes it if it"
            + " passes the gate of the model's file.")
final class Train implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description = "Name of a file in models/ of the definitions, such as task_overrun.")
  private String model = "";

  @Option(
      names = "--lake",
      required = true,
      paramLabel = "DIR",
      description = "Where a backfill wrote training_examples.")
  private Path lake = Path.of("lake");

  @Option(
      names = "--models",
      required = true,
      paramLabel = "DIR",
      description = "Where versions are kept: a folder, or a URI of a file system that Flink has.")
  private String models = "";

  @Mixin private DefinitionsFolder definitions = new DefinitionsFolder();

  @Option(
      names = "--until",
      paramLabel = "INSTANT",
      description = "Use only what was triggered and known before, such as 2014-12-03T16:19:00Z.")
  private @Nullable Instant until;

  @Option(
      names = "--keep-left-truncated",
      description =
          "Also learn from triggers before which the events do not reach back as far as the"
              + " model's history says.")
  private boolean keepLeftTruncated;

  @Option(names = "--allow-leakage", description = "Train even if one input alone tells the label.")
  private boolean allowLeakage;

  @Option(
      names = "--champion",
      paramLabel = "VERSION",
      description = "The version that the gate compares with; the newest if not said.")
  private @Nullable Integer champion;

  @Option(
      names = "--force",
      description = "Publish the version even if it does not pass the gate; its card says so.")
  private boolean force;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    ModelSpec model =
        ModelSpec.load(
            definitions.path().resolve("models").resolve(this.model + ".yaml"),
            Definitions.load(definitions.path()).schemas());
    out.printf("training %s from %s%n", model.name(), lake);
    out.flush();
    Training training;
    try (ProgressBar bar = Progress.passing("rounds", -1)) {
      training =
          new TrainModel(model)
              .run(
                  new TrainingRequest(
                      lake,
                      FlinkModelStore.directory(models),
                      until,
                      keepLeftTruncated,
                      allowLeakage,
                      champion,
                      force),
                  new OnTerminal(out, bar));
    }
    tell(training.card(), out);
    return conclude(training, out);
  }

  /** Lines as they come, and a bar that counts rounds. */
  private record OnTerminal(PrintWriter out, ProgressBar bar) implements TrainingWatch {
    @Override
    public void says(String line) {
      out.println(line);
      out.flush();
    }

    @Override
    public void boosted() {
      bar.step();
    }
  }

  private static void tell(ModelCard card, PrintWriter out) {
    ModelManifest.Window window = card.window();
    if (window != null) {
      out.printf(
          "%d examples trained, %d validated, %d tested (from %s)%n",
          window.trainRows(), window.validateRows(), window.testRows(), window.testFrom());
    }
    Set<String> metrics = new LinkedHashSet<>();
    card.metrics().values().forEach(scored -> metrics.addAll(scored.keySet()));
    for (String metric : metrics) {
      StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-18s", metric));
      for (Map.Entry<String, Map<String, Double>> scored : card.metrics().entrySet()) {
        line.append(
            String.format(
                Locale.ROOT, " %s %.4f  ", scored.getKey(), scored.getValue().get(metric)));
      }
      out.println(line.toString().stripTrailing());
    }
  }

  private int conclude(Training training, PrintWriter out) {
    Verdict gate = training.card().gate();
    ModelDirectory.Version version = training.version();
    if (gate != null) {
      gate.notes().forEach(note -> out.println("gate: " + note));
      gate.reasons().forEach(reason -> out.println("gate: " + reason));
    }
    if (version == null) {
      out.printf("not published: it did not pass the gate; --force publishes it all the same%n");
      return 1;
    }
    out.printf(
        "version %d is in %s%s%n",
        version.manifest().version(),
        version.path(),
        gate == null || gate.passed() ? "" : ", though it did not pass the gate");
    return 0;
  }
}
