package io.crewcast.jobs;

import static io.crewcast.jobs.BoundedEvents.NOON;
import static io.crewcast.jobs.BoundedEvents.collect;
import static io.crewcast.jobs.BoundedEvents.event;
import static io.crewcast.jobs.BoundedEvents.list;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.crewcast.features.definition.Definitions;
import io.crewcast.jobs.ScoringJobSources.History;
import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.EntityRef;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.PredictionRole;
import io.crewcast.schemas.RankedEntity;
import io.crewcast.schemas.Ranking;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.TrainingExample;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.operator.ServingOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked for, by requests and by schedules, on the way through the whole job. */
class RequestsIT {

  @RegisterExtension
  static final MiniClusterExtension FLINK =
      new MiniClusterExtension(
          new MiniClusterResourceConfiguration.Builder()
              .setNumberTaskManagers(1)
              .setNumberSlotsPerTaskManager(2)
              .build());

  @TempDir private Path files;

  private record Output(
      List<Prediction> predictions,
      List<Ranking> rankings,
      List<TrainingExample> examples,
      List<FeatureVector> workers,
      List<DeadLetter> deadLetters) {}

  private static final String PICKER =
      """
      model: picker
      about: Whom to ask
      scores: worker
      trigger: {from: prediction_requested}
      label: {positive: worker.hours_7d > 9.0, negative: worker.hours_7d < 1.0, within: 9d}
      inputs:
        worker: [hours_30d, open_tasks]
        task: [planned_minutes]
        project: [hours_total]
        derived: {points: story_points}
      train: {objective: "binary:logistic", split: {train: 70%, validate: 15%, test: 15%}}
      serve: {fallback: [worker.hours_30d, 0.5], deadline: 60000ms}
      """;

  /** Its label changes as time passes, whoever reads the worker then. */
  private static final String IDLE =
      """
      model: idle
      about: Who will have nothing to do
      scores: worker
      trigger: {from: time_entry, when: minutes > 60}
      label: {positive: worker.hours_7d < 4.0, negative: otherwise, within: 5d}
      inputs: {worker: [hours_7d]}
      train: {objective: "binary:logistic", split: {train: 70%, validate: 15%, test: 15%}, history: 0h}
      serve: {fallback: [0.5]}
      """;

  private static final String PULSE =
      """
      model: pulse
      about: How it goes
      scores: project
      trigger: {every: 30m, active_within: 1h}
      label: {positive: project.hours_total > 1.9, negative: project.hours_total < 0.0, within: 9d}
      inputs: {project: [hours_total]}
      train: {objective: "binary:logistic", split: {train: 70%, validate: 15%, test: 15%}, history: 0h}
      serve: {fallback: [project.hours_total, 0.5]}
      """;

  @ParameterizedTest
  @CsvSource({"live,1", "backfill,2"})
  void answersARequestWithARankingOfItsCandidatesAndChangesNothing(String mode, int parallelism)
      throws Exception {
    Output output =
        run(
            mode,
            parallelism,
            entry("e1", 0, "ann", 60),
            entry("e2", 10, "bob", 180),
            ask("r1", 20, "picker", "ann", "bob", "nobody"),
            entry("e3", 30, "ann", 240));

    assertThat(output.rankings())
        .singleElement()
        .satisfies(
            ranking -> {
              assertThat(ranking.getRanked())
                  .extracting(RankedEntity::getEntityId, RankedEntity::getScore)
                  .containsExactly(tuple("bob", 3.0), tuple("ann", 1.0), tuple("nobody", 0.5));
              assertThat(ranking.getRanked().get(1).getInputs())
                  .containsExactly(1.0, 0L, 120.0, 4.0, 3.0);
              assertThat(ranking.getRequestId()).isEqualTo("r1");
              assertThat(ranking.getPartial()).isFalse();
              assertThat(ranking.getRole()).isEqualTo(PredictionRole.FALLBACK);
              assertThat(ranking.getAsOf()).isEqualTo(NOON.plus(Duration.ofMinutes(20)));
            });
    assertThat(output.predictions())
        .filteredOn(prediction -> prediction.getModel().equals("picker"))
        .hasSize(3)
        .allSatisfy(
            prediction -> {
              assertThat(prediction.getTrigger()).isEqualTo("request");
              assertThat(prediction.getRequestId()).isEqualTo("r1");
            });
    assertThat(output.workers())
        .extracting(FeatureVector::getEventId)
        .containsExactlyInAnyOrder("e1", "e2", "e3");
    assertThat(output.examples()).noneMatch(example -> example.getModel().equals("picker"));
  }

  @Test
  void answersARequestWithOneCandidateWithAScoreAlone() throws Exception {
    Output output = run("live", 1, entry("e1", 0, "ann", 60), ask("r1", 20, "picker", "ann"));

    assertThat(output.rankings()).isEmpty();
    assertThat(output.predictions())
        .filteredOn(prediction -> prediction.getModel().equals("picker"))
        .singleElement()
        .satisfies(
            prediction -> assertThat(prediction.getOutputs()).isEqualTo(Map.of("score", 1.0)));
  }

  @Test
  void setsARequestAsideThatNoModelCanAnswer() throws Exception {
    Output output =
        run("live", 1, entry("e1", 0, "ann", 60), ask("r1", 20, "chooser", "ann", "bob"));

    assertThat(output.deadLetters())
        .singleElement()
        .satisfies(letter -> assertThat(letter.getDetail()).contains("chooser is not defined"));
    assertThat(output.rankings()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"live,1", "backfill,2"})
  void answersEachOfManyRequestsOnceAndLeavesAllElseAsItIs(String mode, int parallelism)
      throws Exception {
    Path models = Files.createDirectories(files.resolve("models"));
    Files.writeString(models.resolve("idle.yaml"), IDLE);
    var random = new SplittableRandom(3);
    List<String> names = List.of("ann", "bob", "cid", "dan");
    List<WorkEvent> entries = new ArrayList<>();
    List<WorkEvent> all = new ArrayList<>();
    for (int i = 0; i < 900; i++) {
      int minute = 50 * i + random.nextInt(50);
      if (random.nextInt(3) == 0) {
        String[] asked = names.stream().skip(random.nextInt(3)).toArray(String[]::new);
        all.add(ask("r" + i, minute, "picker", asked));
      } else {
        String worker = names.get(random.nextInt(names.size()));
        WorkEvent entry = entry("e" + i, minute, worker, 1 + random.nextInt(90));
        entries.add(entry);
        all.add(entry);
      }
    }
    Output without = run(mode, parallelism, entries.toArray(WorkEvent[]::new));
    Output with = run(mode, parallelism, all.toArray(WorkEvent[]::new));

    assertThat(with.rankings()).allMatch(ranking -> !ranking.getPartial());
    assertThat(with.rankings())
        .extracting(Ranking::getRequestId)
        .doesNotHaveDuplicates()
        .hasSize(all.size() - entries.size());
    assertThat(ofEvents(with)).containsExactlyInAnyOrderElementsOf(ofEvents(without));
    assertThat(without.examples()).extracting(TrainingExample::getModel).contains("idle", "pulse");
    assertThat(with.examples()).containsExactlyInAnyOrderElementsOf(without.examples());
    assertThat(with.predictions())
        .filteredOn(prediction -> prediction.getRequestId() == null)
        .extracting(Prediction::getPredictionId, Prediction::getOutputs, Prediction::getInputs)
        .containsExactlyInAnyOrderElementsOf(
            without.predictions().stream()
                .map(of -> tuple(of.getPredictionId(), of.getOutputs(), of.getInputs()))
                .toList());
  }

  /** How many rows time alone makes is no contract. */
  private static List<List<Object>> ofEvents(Output output) {
    return output.workers().stream()
        .filter(vector -> vector.getEventId() != null)
        .map(vector -> List.<Object>of(vector.getEventId(), vector.getAsOf(), vector.getValues()))
        .toList();
  }

  @ParameterizedTest
  @CsvSource({"live,1", "backfill,2"})
  void scoresActiveProjectsOnScheduleAndWaitsForTheirLabels(String mode, int parallelism)
      throws Exception {
    Output output =
        run(
            mode,
            parallelism,
            entry("e1", 1, "ann", 60),
            entry("e2", 100, "ann", 60),
            entry("e3", 1_000, "ann", 60));

    assertThat(output.predictions())
        .extracting(
            prediction -> Duration.between(NOON, prediction.getAsOf()).toMinutes(),
            prediction -> prediction.getOutputs().get("score"),
            Prediction::getTrigger,
            Prediction::getRequestId)
        .containsExactlyInAnyOrder(
            tuple(30L, 1.0, "schedule", null),
            tuple(60L, 1.0, "schedule", null),
            tuple(120L, 2.0, "schedule", null),
            tuple(150L, 2.0, "schedule", null));
    assertThat(output.predictions())
        .extracting(Prediction::getPredictionId)
        .doesNotHaveDuplicates();
    assertThat(output.examples())
        .filteredOn(example -> example.getLabel() != null)
        .extracting(TrainingExample::getLabel)
        .containsExactly(1.0, 1.0);
  }

  private Output run(String mode, int parallelism, WorkEvent... events) throws Exception {
    Path models = Files.createDirectories(files.resolve("models"));
    Files.writeString(models.resolve("picker.yaml"), PICKER);
    Files.writeString(models.resolve("pulse.yaml"), PULSE);
    Definitions definitions = Definitions.load(Path.of("../flink-conf"));
    Configuration options =
        ScoringJobOptions.parse(
            new String[] {
              "--bootstrap-servers", "none:1", "--registry", "http://none", "--mode", mode
            });
    List<Arrival> arrivals = Stream.of(events).map(BoundedEvents::arrival).toList();
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    env.setParallelism(parallelism);
    Instant longAgo = NOON.minus(Duration.ofDays(400));
    var streams =
        ScoringJob.define(
            new History(BoundedEvents.stream(env, options, arrivals), longAgo, null),
            definitions,
            ModelSpec.loadAll(models, definitions.schemas()),
            options,
            new ServingOptions(null, Map.of(), Map.of(), null, false, List.of()),
            null);
    var predictions = collect(streams.predictions());
    var rankings = collect(streams.rankings());
    var examples = collect(streams.trainingExamples());
    var workers = collect(streams.features().get(EntityType.WORKER));
    var deadLetters = collect(streams.deadLetters());
    env.executeAsync();
    return new Output(
        list(predictions), list(rankings), list(examples), list(workers), list(deadLetters));
  }

  private static WorkEvent ask(String id, long minute, String model, String... workers) {
    Task task =
        Task.newBuilder()
            .setTaskId("next")
            .setStatus(TaskStatus.CREATED)
            .setProjectId("bridge")
            .setPlannedMinutes(120.0)
            .setStoryPoints(3.0)
            .build();
    List<EntityRef> candidates = new ArrayList<>();
    for (String worker : workers) {
      candidates.add(new EntityRef(EntityType.WORKER, worker));
    }
    return event(id, minute, new PredictionRequested(id, model, candidates, task));
  }

  private static WorkEvent entry(String id, long minute, String worker, long minutes) {
    return event(
        id,
        minute,
        new TimeEntry(id, worker, "bridge", "crew", null, minutes, 0L, 0L, null, "code", null));
  }
}
