package io.crewcast.scoring.training;

import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.Label;
import io.crewcast.scoring.model.Metric;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.ProblemType;
import io.crewcast.scoring.model.Profile;
import io.crewcast.scoring.model.Reference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Trains one version of a model from the lake's examples, and publishes it if it passes the gate.
 *
 * <p>The triggers are split by time. Parameters and rounds are chosen on the validation part, and
 * with them the version is made of both parts; what the gate judges and the card tells are figures
 * of the test part, which chose nothing. The same examples give the same bytes.
 */
public final class TrainModel {

  private static final Duration DAY = Duration.ofDays(1);

  private final ModelSpec spec;

  public TrainModel(ModelSpec spec) {
    this.spec = spec;
  }

  /** What was trained and how it did on the test part. */
  private record Result(
      ExampleTable table,
      Split split,
      List<Trial> trials,
      Candidate candidate,
      Scored model,
      Scored fallback,
      Champion champion) {

    /** The model first. */
    List<Scored> scored() {
      return champion instanceof Champion.Rival rival
          ? List.of(model, rival.scored(), fallback)
          : List.of(model, fallback);
    }
  }

  /** Trains without telling anybody how it goes on. */
  public Training run(TrainingRequest request) throws IOException {
    return run(request, TrainingWatch.NOBODY);
  }

  /**
   * Trains the next version.
   *
   * @throws InvalidModelException if the examples are too few or should not be trained on
   */
  public Training run(TrainingRequest request, TrainingWatch watch) throws IOException {
    ExampleReader.Examples examples =
        new ExampleReader(request.lake()).read(spec, request.until(), request.leftTruncatedToo());
    if (spec.train().problem() == ProblemType.ANOMALY_DETECTION) {
      return new LearnNormal(spec).run(examples, request.models(), watch);
    }
    Split split = Split.of(spec, ranked(examples));
    List<String> findings = new ArrayList<>(split.findings());
    findings.addAll(new DataChecks(spec, request.leakageToo()).check(split));
    findings.forEach(watch::says);
    Champion champion = Champion.find(request.models(), spec, request.champion(), split);
    Result result = train(split, champion, watch);
    List<Segment> segments = segments(result);
    ModelCard card =
        card(
            request.models().newest(spec.name()).orElse(0) + 1,
            examples,
            findings,
            result,
            segments,
            verdict(result, segments));
    Verdict verdict = card.gate();
    boolean published = verdict == null || verdict.passed() || request.force();
    return new Training(card, published ? publish(request.models(), card, result) : null);
  }

  private ExampleReader.Examples ranked(ExampleReader.Examples examples) {
    return spec.label() instanceof Label.AtHorizon label && label.percentile()
        ? new ExampleReader.Examples(PercentileRanks.of(examples.labelled()), examples.outcomes())
        : examples;
  }

  private Result train(Split split, Champion champion, TrainingWatch watch) {
    ExampleTable table = ExampleTable.learn(spec.inputs(), split.learned());
    List<Trial> trials = new ArrayList<>();
    Candidate candidate;
    try (Boosting boosting = new Boosting(spec, table, split)) {
      for (Map<String, String> tried : Trial.combinations(spec.train().search())) {
        Trial trial = boosting.tune(tried, round -> watch.boosted());
        trials.add(trial);
        watch.says(trial.inWords(metric()));
      }
      candidate = new Candidate(spec, table, boosting.trees(Trial.best(trials, metric())));
    }
    return new Result(
        table,
        split,
        trials,
        candidate,
        new Scored(Scored.MODEL, candidate.outputs(split.test())),
        new Scored(Scored.FALLBACK, fallbacks(split.test())),
        champion);
  }

  private Metric metric() {
    return spec.train().problem().metric();
  }

  /** What the fallback would have answered: of its values, those that are inputs are known here. */
  private double[][] fallbacks(List<Example> examples) {
    return examples.stream()
        .map(example -> spec.fallback(example.values()))
        .toArray(double[][]::new);
  }

  private List<Segment> segments(Result result) {
    ModelSpec.Gate gate = spec.gate();
    return gate == null
        ? List.of()
        : Segment.of(spec, gate.segments(), gate.metric(), result.split.test(), result.scored());
  }

  private @Nullable Verdict verdict(Result result, List<Segment> segments) {
    ModelSpec.Gate gate = spec.gate();
    List<Example> test = result.split.test();
    return gate == null
        ? null
        : new Gate(gate, test, Yardstick.of(spec, test))
            .judge(
                result.model,
                result.champion,
                result.fallback,
                segments,
                result.candidate.p99(test));
  }

  private Map<String, Double> metrics(Scored scored, List<Example> test) {
    return Metrics.figures(spec.train().problem(), scored.outputs(), Yardstick.of(spec, test));
  }

  private ModelCard card(
      int version,
      ExampleReader.Examples examples,
      List<String> findings,
      Result result,
      List<Segment> segments,
      @Nullable Verdict verdict) {
    List<Example> test = result.split.test();
    Map<String, Map<String, Double>> metrics = new LinkedHashMap<>();
    result.scored().forEach(scored -> metrics.put(scored.name(), metrics(scored, test)));
    return new ModelCard(
        spec.name(),
        version,
        spec.about(),
        spec.train().objective(),
        Trial.best(result.trials, metric()).rounds(),
        Boosting.TRAINED_WITH,
        null,
        spec.label().entries(),
        result.split.window(),
        examples.triggers(),
        findings,
        Boosting.parameters(spec, metric(), Trial.best(result.trials, metric()).parameters()),
        metric().yamlName(),
        result.trials,
        metrics,
        Calibration.of(spec.train().problem(), result.model.outputs(), Yardstick.of(spec, test)),
        segments,
        result.candidate.importances(test),
        List.of(),
        verdict,
        ModelCard.Input.of(spec));
  }

  private ModelDirectory.Version publish(ModelDirectory models, ModelCard card, Result result)
      throws IOException {
    Verdict verdict = card.gate();
    ModelManifest manifest =
        new ModelManifest(
            card.model(),
            card.version(),
            card.objective(),
            result.table.manifest(),
            spec.outputs(),
            card.window(),
            metrics(result.model, result.split.test()),
            metrics(result.fallback, result.split.test()),
            card.rounds(),
            card.trainedWith(),
            Map.of(),
            verdict == null ? null : new ModelManifest.Gate(verdict.passed(), verdict.reasons()),
            null);
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(ModelDirectory.TREES, result.candidate.file());
    files.put(ModelDirectory.REFERENCE, reference(result).bytes());
    files.put(ModelDirectory.CARD, CardText.of(card).getBytes(StandardCharsets.UTF_8));
    files.put(ModelDirectory.CARD_JSON, card.json());
    return models.publish(manifest, files);
  }

  private Reference reference(Result result) {
    List<Example> train = result.split.learned();
    Counted unseen = Counted.oncePer(DAY, result.split.test(), spec.scores());
    double[][] answered = result.candidate.outputs(unseen.examples());
    Map<String, Profile> outputs = new LinkedHashMap<>();
    for (int place = 0; place < spec.outputs().size(); place++) {
      outputs.put(
          spec.outputs().get(place),
          Profile.ofNumbers(Scored.column(answered, place), unseen.entities()));
    }
    Counted labelled = Counted.oncePer(DAY, train, spec.scores());
    Map<String, Profile> daily = result.table.profiles(train);
    return new Reference(
        daily,
        outputs,
        Profile.ofNumbers(Example.labels(labelled.examples()), labelled.entities()),
        result.table.byWindow(train, spec.monitor().windows(), daily),
        Reference.sampleOf(result.table.rows(train), spec.inputs().size()));
  }
}
