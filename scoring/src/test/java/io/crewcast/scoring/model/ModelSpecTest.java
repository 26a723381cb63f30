package io.crewcast.scoring.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.ValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ModelSpecTest {

  private static final String OVERRUN =
      """
      model: overrun
      about: Probability of an overrun
      scores: task
      trigger: {from: task, when: status == "STARTED", once_per: task_id}
      label: {positive: task.logged_minutes > 10.0, negative: task.status == "COMPLETED", within: 90d}
      inputs:
        task: [logged_minutes]
        derived: {idle_days: days(as_of - worker.last_entry_at)}
      train: {objective: "binary:logistic", split: {train: 70%, validate: 15%, test: 15%}}
      serve: {explain: 2, fallback: [task.logged_minutes, 0.28]}
      """;

  private static final Map<EntityType, FeatureSchema> SCHEMAS =
      Map.of(
          EntityType.TASK,
          new FeatureSchema(
              EntityType.TASK,
              "A task",
              List.of(
                  new FeatureSchema.Column("logged_minutes", ValueType.LONG, "Logged"),
                  new FeatureSchema.Column("status", ValueType.STRING, "Status"),
                  new FeatureSchema.Column(
                      "hours_7d", ValueType.DOUBLE, "Hours", Duration.ofDays(7)),
                  new FeatureSchema.Column(
                      "hours_90d", ValueType.DOUBLE, "Hours", Duration.ofDays(90)),
                  new FeatureSchema.Column(
                      "hours_365d", ValueType.DOUBLE, "Hours", Duration.ofDays(365)))),
          EntityType.WORKER,
          new FeatureSchema(
              EntityType.WORKER,
              "A worker",
              List.of(new FeatureSchema.Column("last_entry_at", ValueType.INSTANT, "Newest"))));

  @TempDir private Path directory;

  @Test
  void readsInputsInTheOrderOfTheFile() throws IOException {
    assertThat(load(OVERRUN).columns())
        .extracting(FeatureSchema.Column::name)
        .containsExactly("task.logged_minutes", "derived.idle_days");
  }

  @Test
  void asksForAsMuchHistoryAsItsLongestWindowUnlessItsFileSaysOtherwise() throws IOException {
    String windows = OVERRUN.replace("[logged_minutes]", "[logged_minutes, hours_7d]");
    String derived =
        windows.replace("idle_days:", "rate: task.hours_7d / task.hours_90d, idle_days:");
    String said = derived.replace("train: {", "train: {history: 12h, ");

    assertThat(load(OVERRUN).train().history()).isZero();
    assertThat(load(windows).train().history()).isEqualTo(Duration.ofDays(7));
    assertThat(load(derived).train().history()).isEqualTo(Duration.ofDays(90));
    assertThat(load(said).train().history()).isEqualTo(Duration.ofHours(12));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "task: [logged_minutes] | task: [lodged_minutes] | :7: task has no column 'lodged_minutes'; it has logged_minutes, status",
        "task: [logged_minutes] | worker: [last_entry_at] | which a model cannot take; derive a number, such as days(as_of - worker.last_entry_at)",
        "task: [logged_minutes] | site: [logged_minutes] | :7: no entity 'site'; use one of task, project, crew, worker",
        "status == \"STARTED\" | state == \"STARTED\" | :4: 'state == \"STARTED\"': 'state' is not known here; nearest are status, phase, source",
        "within: 90d | within: soon | :5: 'soon' is no duration; write such as 12h or 90d",
        "binary:logistic | rank:ndcg | :9: objective rank:ndcg is not known here",
        "test: 15% | test: 25% | :9: the shares of split do not add up to 100%",
        "about: Probability of an overrun | abut: Probability | :2: no entry 'abut' here; use one of about, gate",
        "0.28 | task.status | :10: task.status is no number; a fallback must be one",
      })
  void saysInOneLineWhatIsWrongWhereAndWhatToDo(String right, String wrong, String message) {
    assertThatThrownBy(() -> load(OVERRUN.replace(right, wrong)))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  private ModelSpec load(String yaml) throws IOException {
    Path file = directory.resolve("overrun.yaml");
    Files.writeString(file, yaml);
    return ModelSpec.load(file, SCHEMAS);
  }
}
