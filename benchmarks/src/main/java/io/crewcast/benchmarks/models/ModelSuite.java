package io.crewcast.benchmarks.models;

import io.crewcast.benchmarks.measure.Directories;
import io.crewcast.benchmarks.measure.Figure;
import io.crewcast.benchmarks.measure.Jmh;
import io.crewcast.benchmarks.measure.Suite;
import io.crewcast.benchmarks.measure.Target;
import io.crewcast.features.definition.Definitions;
import io.crewcast.local.simulation.Simulation;
import io.crewcast.local.simulation.SimulationOptions;
import io.crewcast.local.stack.Home;
import io.crewcast.schemas.Ranking;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.Metric;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.ProblemType;
import io.crewcast.scoring.training.ModelCard;
import io.crewcast.scoring.training.TrainModel;
import io.crewcast.scoring.training.TrainingRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How good the models of the catalogue are on simulated work, beside their fallbacks and beside the
 * best that is possible for one who knows the causes: simulates, backfills, trains each, and reads
 * its card.
 */
public final class ModelSuite implements Suite {

  private static final int EVENTS = 100_000;
  private static final int QUICK_EVENTS = 20_000;
  private static final long SEED = 1;

  /** So many events bring a request. */
  private static final int REQUEST_EVERY = 20;

  /** Of the truths, 80 % should lie between p10 and p90. */
  private static final Target COVERED_AT_LEAST = Target.atLeast(0.75);

  private static final Target COVERED_AT_MOST = Target.atMost(0.85);
  private static final String COVERAGE = "interval_coverage";

  @Override
  public List<Figure> measure(Jmh jmh, boolean quick) throws Exception {
    Path directory = Files.createTempDirectory("crewcast-models");
    Path definitions = Home.find().flinkConf();
    Path lake = directory.resolve("lake");
    Path models = directory.resolve("models");
    int events = events(quick);
    Simulation.Outcome simulated =
        Simulation.run(SimulationOptions.of(SEED, events).withRequests(events / REQUEST_EVERY));
    List<ModelSpec> specs =
        ModelSpec.loadAll(definitions.resolve("models"), Definitions.load(definitions).schemas());
    try (SimulatedWork work =
            new SimulatedWork(simulated.events(), directory.resolve("events.avro"), definitions);
        BestPossible best = new BestPossible(lake, simulated.causes())) {
      work.backfill(lake);
      List<Figure> figures = new ArrayList<>();
      Map<ModelSpec, Instant> ranking = new LinkedHashMap<>();
      for (ModelSpec spec : specs) {
        ModelCard card = trained(spec, lake, models, figures);
        if (card != null) {
          figures.addAll(figures(spec, card, best));
          if (spec.train().problem() == ProblemType.RANKING && card.window() != null) {
            ranking.put(spec, Instant.parse(card.window().testFrom()));
          }
        }
      }
      figures.addAll(ranked(work, new RankedRequests(simulated), models, ranking));
      return figures;
    } finally {
      Directories.delete(directory);
    }
  }

  private static int events(boolean quick) {
    return quick ? QUICK_EVENTS : EVENTS;
  }

  /** Lets the rankers answer the requests that come after all that they learned from. */
  private static List<Figure> ranked(
      SimulatedWork work, RankedRequests requests, Path models, Map<ModelSpec, Instant> rankers)
      throws InterruptedException {
    List<Figure> figures = new ArrayList<>();
    if (!rankers.isEmpty()) {
      Instant from = Collections.min(rankers.values());
      List<String> names = rankers.keySet().stream().map(ModelSpec::name).toList();
      List<Ranking> rankings = work.rank(models, names, from, requests.since(from));
      rankers.forEach(
          (spec, testFrom) -> figures.addAll(requests.figures(spec, rankings, testFrom)));
    }
    return figures;
  }

  private static @Nullable ModelCard trained(
      ModelSpec spec, Path lake, Path models, List<Figure> figures) throws IOException {
    TrainingRequest request =
        new TrainingRequest(lake, new ModelDirectory(models), null, false, false, null, true);
    try {
      return new TrainModel(spec).run(request).card();
    } catch (InvalidModelException e) {
      figures.add(Figure.of("%s: %s".formatted(spec.name(), e.getMessage()), 0, ""));
      return null;
    }
  }

  private static List<Figure> figures(ModelSpec spec, ModelCard card, BestPossible best) {
    List<Figure> figures = new ArrayList<>();
    ModelManifest.Window window = card.window();
    figures.add(
        Figure.of("%s (%s): examples".formatted(spec.name(), card.objective()), rows(window), ""));
    List<String> compared =
        spec.train().problem().metrics().stream().map(Metric::yamlName).toList();
    Map<String, Double> ofFallback = card.metrics().getOrDefault("fallback", Map.of());
    card.metrics()
        .getOrDefault("model", Map.of())
        .forEach(
            (metric, value) -> {
              figures.addAll(figures(metric, value));
              Double fallback = ofFallback.get(metric);
              if (fallback != null && compared.contains(metric)) {
                figures.add(Figure.of("  %s of the fallback".formatted(metric), fallback, ""));
              }
            });
    if (window != null) {
      best.auc(spec.name(), Instant.parse(window.testFrom()))
          .ifPresent(auc -> figures.add(Figure.of("  best possible auc", auc, "")));
    }
    return figures;
  }

  private static int rows(ModelManifest.@Nullable Window window) {
    return window == null ? 0 : window.trainRows() + window.validateRows() + window.testRows();
  }

  private static List<Figure> figures(String metric, double value) {
    Figure figure = Figure.of("  " + metric, value, "");
    return metric.equals(COVERAGE)
        ? List.of(figure.withTarget(COVERED_AT_LEAST), figure.withTarget(COVERED_AT_MOST))
        : List.of(figure);
  }

  @Override
  public List<String> notes(boolean quick) {
    return List.of(
        String.format(
            Locale.ROOT,
            "%,d simulated events, backfilled by the scoring job; metrics are of the test part.",
            events(quick)),
        "Best possible: of one who knows the causes of each task, and not chance.");
  }
}
