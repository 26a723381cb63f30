package io.crewcast.local.demo;

import static java.util.stream.Collectors.joining;

import io.crewcast.features.definition.Definitions;
import io.crewcast.local.ingest.Replay;
import io.crewcast.local.ingest.Speed;
import io.crewcast.local.scoring.Handover;
import io.crewcast.local.scoring.ScoringRun;
import io.crewcast.local.scoring.ScoringRun.Counters;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.training.ModelCard;
import io.crewcast.scoring.training.TrainModel;
import io.crewcast.scoring.training.Training;
import io.crewcast.scoring.training.TrainingRequest;
import io.crewcast.scoring.training.Verdict;
import io.crewcast.sinks.kafka.Topics;
import java.nio.file.Path;
import java.util.Map;

/** The part of the events that the model learns from: published, backfilled and trained on. */
record LearnedPart(DemoStack demo, EventStream events) {

  /** What is ahead of the other partitions a backfill holds, so that costs little. */
  private static final String DRIFT = "90 d";

  /** What comes after its time is put in order by what the newest event tells of all. */
  private static final String IDLENESS = "1 s";

  void publish() throws Exception {
    demo.stages()
        .run(
            "publish",
            events.learned(),
            bar -> {
              Replay.Progress done =
                  demo.replay(events.learnedRange(), new Speed.Max(), events.published(), bar);
              return "%,d events and %,d broken records, known before %s"
                  .formatted(done.events(), done.broken(), events.liveFrom());
            });
  }

  /** Makes features and training examples of what is published. */
  Handover backfill(String jar) throws Exception {
    Map<Integer, Long> ends = Topics.ends(demo.servers().bootstrapServers(), Topic.WORK_EVENTS);
    long records = demo.topics().records(Topic.WORK_EVENTS);
    Handover[] handover = new Handover[1];
    demo.stages()
        .run(
            "backfill",
            records,
            bar -> {
              ScoringRun job =
                  ScoringRun.start(
                      demo.flink(),
                      jar,
                      demo.scoring(
                          Map.of(
                              "mode",
                              "backfill_then_live",
                              "max-drift",
                              DRIFT,
                              "idleness",
                              IDLENESS)),
                      Counters.NONE,
                      run ->
                          run.withParallelism(DemoStack.PARALLELISM).with(DemoStack.BULK_SETTINGS));
              handover[0] = Handover.of(job, ends, bar::stepTo, DemoStack.PATIENCE);
              try (LakeFigures lake = new LakeFigures(demo.options().lake())) {
                return "%,d records, training examples: %s"
                    .formatted(records, inWords(lake.examplesByOutcome()));
              }
            });
    return handover[0];
  }

  static String inWords(Map<String, Long> counts) {
    return counts.isEmpty()
        ? "none"
        : counts.entrySet().stream()
            .map(count -> "%,d %s".formatted(count.getValue(), count.getKey()))
            .collect(joining(", "));
  }

  /** Returns the model that is told about. */
  ModelSpec train() throws Exception {
    DemoOptions options = demo.options();
    Path files = options.definitions().resolve("models");
    Map<EntityType, FeatureSchema> schemas = Definitions.load(options.definitions()).schemas();
    for (String name : options.beside()) {
      train(ModelSpec.load(files.resolve(name + ".yaml"), schemas), options.lake());
    }
    ModelSpec spec = ModelSpec.load(files.resolve(DemoRun.MODEL + ".yaml"), schemas);
    train(spec, options.lake());
    return spec;
  }

  /**
   * Trains the next version of a model.
   *
   * @param lake that holds the examples
   */
  void train(ModelSpec spec, Path lake) throws Exception {
    demo.stages()
        .run(
            "train",
            -1,
            bar -> {
              TrainingRequest request =
                  TrainingRequest.of(lake, new ModelDirectory(demo.options().models()))
                      .until(events.liveFrom());
              try {
                return inWords(new TrainModel(spec).run(request));
              } catch (InvalidModelException e) { // of few events nothing can be learned
                return "no version, the fallback answers: " + e.getMessage();
              }
            });
  }

  private static String inWords(Training training) {
    ModelCard card = training.card();
    Verdict gate = card.gate();
    ModelManifest.Window window = card.window();
    if (training.version() == null || window == null) {
      return "%s not published, its fallback answers: %s"
          .formatted(card.model(), gate == null ? "" : String.join("; ", gate.reasons()));
    }
    return "%s version %d on %,d labels known before the split, AUC %.3f on the latest %,d of them"
        .formatted(
            card.model(),
            card.version(),
            window.trainRows() + window.validateRows(),
            training.version().manifest().metrics().getOrDefault("auc", Double.NaN),
            window.testRows());
  }
}
