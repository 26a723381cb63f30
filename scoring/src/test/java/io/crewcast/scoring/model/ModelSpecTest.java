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
        task: [logged_minutes, status]
        derived: {idle_days: days(as_of - worker.last_entry_at)}
      train: {objective: "binary:logistic", split: {train: 70%, validate: 15%, test: 15%}}
      serve: {explain: 2, budget: 4ms, fallback: [task.logged_minutes, 0.28]}
      gate: {metric: auc, beats: [champion, fallback], margin: 0, cluster: project_id, segments: [status], calibration: [0.9, 1.1]}
      monitor: {drift: [1h, 1d], alerts: [fallback_share > 0.2]}
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
        .containsExactly("task.logged_minutes", "task.status", "derived.idle_days");
  }

  @Test
  void asksForAsMuchHistoryAsItsLongestWindowUnlessItsFileSaysOtherwise() throws IOException {
    String windows =
        OVERRUN.replace("[logged_minutes, status]", "[logged_minutes, status, hours_7d]");
    String derived =
        windows.replace("idle_days:", "rate: task.hours_7d / task.hours_90d, idle_days:");
    String said = derived.replace("train: {", "train: {history: 12h, ");

    assertThat(load(OVERRUN).train().history()).isZero();
    assertThat(load(windows).train().history()).isEqualTo(Duration.ofDays(7));
    assertThat(load(derived).train().history()).isEqualTo(Duration.ofDays(90));
    assertThat(load(said).train().history()).isEqualTo(Duration.ofHours(12));
  }

  @Test
  void readsWhatANewVersionMustProve() throws IOException {
    assertThat(load(OVERRUN).gate())
        .isEqualTo(
            new ModelSpec.Gate(
                Metric.AUC,
                List.of(ModelSpec.Rival.CHAMPION, ModelSpec.Rival.FALLBACK),
                0,
                ModelSpec.Cluster.PROJECT_ID,
                List.of("task.status"),
                new ModelSpec.Bounds(0.9, 1.1),
                Duration.ofMillis(4)));
    String[] parts = OVERRUN.split("gate: .*\n", -1);
    assertThat(load(parts[0]).gate()).isNull();
    assertThat(load(parts[0] + "gate: {}\n").gate())
        .isEqualTo(
            new ModelSpec.Gate(
                Metric.AUC,
                List.of(ModelSpec.Rival.CHAMPION, ModelSpec.Rival.FALLBACK),
                0,
                ModelSpec.Cluster.PROJECT_ID,
                List.of(),
                null,
                Duration.ofMillis(4)));
  }

  @Test
  void readsASchedule() throws IOException {
    String scheduled =
        OVERRUN.replaceFirst("trigger: .*", "trigger: {every: 30m, active_within: 2d}");
    ModelSpec.Schedule schedule = load(scheduled).trigger().schedule();
    assertThat(schedule)
        .isEqualTo(new ModelSpec.Schedule(Duration.ofMinutes(30), Duration.ofDays(2)));
    assertThat(schedule.next(0)).isEqualTo(schedule.period()).isEqualTo(1_800_000_000L);
    assertThat(schedule.next(-1)).isZero();

    assertThatThrownBy(() -> load(scheduled.replace("30m", "soon")))
        .hasMessageContaining(":4: every: 'soon' is no period; write such as 5m, 1h or 7d");
    assertThatThrownBy(() -> load(scheduled.replace("2d", "5m")))
        .hasMessageContaining("write 30m or more");
    assertThatThrownBy(() -> load(scheduled.replace("{every", "{from: task, every")))
        .hasMessageContaining("keep one of both");
    assertThatThrownBy(
            () ->
                load(
                    scheduled.replace(
                        "task: [logged_minutes, status]",
                        "task: [logged_minutes, status]\n  worker: [last_entry_at]")))
        .hasMessageContaining("a schedule names only the task that it scores, and no worker");
  }

  @Test
  void readsWhatToTryAndHowLongALabelMustHaveBeenKnown() throws IOException {
    ModelSpec.Train train =
        load(OVERRUN.replace(
                "split: {", "search: {max_depth: [4, 6], eta: [0.03, 0.1]}, embargo: 2d, split: {"))
            .train();
    assertThat(train.search())
        .containsExactly(
            Map.entry("max_depth", List.of("4", "6")), Map.entry("eta", List.of("0.03", "0.1")));
    assertThat(train.embargo()).isEqualTo(Duration.ofDays(2));
    assertThat(load(OVERRUN.replace("split: {", "embargo: label, split: {")).train().embargo())
        .isZero();
  }

  @Test
  void saysHowItIsWatchedAndWhoseItsInputsAre() throws Exception {
    ModelSpec spec =
        load(
            OVERRUN.replace(
                "derived: {",
                "derived: {day: weekday(occurred_at), both: days(as_of - worker.last_entry_at) > task.hours_7d, due: days(due_at - as_of), "));
    assertThat(spec.inputs())
        .extracting(input -> input.name() + " " + input.owner())
        .containsExactly(
            "task.logged_minutes TASK",
            "task.status TASK",
            "derived.day null",
            "derived.both TASK",
            "derived.due TASK",
            "derived.idle_days WORKER");
    assertThat(spec.owners()).containsExactly(EntityType.TASK, EntityType.WORKER);
    ModelSpec.Monitor monitor = spec.monitor();
    assertThat(monitor.windows()).containsExactly(Duration.ofHours(1), Duration.ofDays(1));
    assertThat(monitor.limits()).containsExactly(new ModelSpec.Limit("fallback_share", false, 0.2));
    assertThat(List.of(monitor.bad(), monitor.of(), monitor.entities())).containsExactly(2, 3, 200);
    assertThat(load(OVERRUN.replaceAll("monitor.*", "")).monitor().windows())
        .isEqualTo(monitor.windows());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "task: [logged_minutes, status] | task: [lodged_minutes] | :7: task has no column 'lodged_minutes'; it has logged_minutes, status",
        "task: [logged_minutes, status] | worker: [last_entry_at] | which a model cannot take; derive a number, such as days(as_of - worker.last_entry_at)",
        "task: [logged_minutes, status] | site: [logged_minutes] | :7: no entity 'site'; use one of task, project, crew, worker, worker_project",
        "status == \"STARTED\" | state == \"STARTED\" | :4: 'state == \"STARTED\"': 'state' is not known here; nearest are status, phase, source",
        "within: 90d | within: soon | :5: 'soon' is no duration; write such as 12h or 90d",
        "within: 90d | within: 90d, of: site | :5: no entity 'site'",
        "negative: task.status == \"COMPLETED\" | negative: then.task.state == \"\" | :5: 'then.task.state == \"\"': 'then.task.state' is not known here; nearest are then.task.status",
        "within: 90d | within: 0d | :5: '0d' is no time",
        ", within: 90d | '' | :5: 'within' is missing; add it",
        "within: 90d | within: 90d, when: task.status == \"DONE\" | :5: a label of positive has no 'when'; use positive, negative, within, of",
        "positive: task.logged_minutes > 10.0, negative: task.status == \"COMPLETED\", within: 90d | value: task.status, after: 7d | :5: the value of a label is a string; make it a number",
        "positive: task.logged_minutes > 10.0, negative: task.status == \"COMPLETED\", within: 90d | value: task.logged_minutes, after: 7d, percentile_within: crew | :5: percentile_within: crew; use company",
        "positive: task.logged_minutes > 10.0, negative: task.status == \"COMPLETED\", within: 90d | value: task.logged_minutes, after: 7d | :9: objective binary:logistic does not fit a label that is a number; use reg:squarederror",
        "positive: task.logged_minutes > 10.0, negative: task.status == \"COMPLETED\" | classes: {low: task.logged_minutes < 10.0}, when: task.status == \"COMPLETED\" | :5: a label needs at least two classes; add another",
        "positive: task.logged_minutes > 10.0, negative: task.status == \"COMPLETED\" | grade: {effort: {weight: 0, is: task.logged_minutes}}, when: task.status == \"COMPLETED\" | :5: objective effort needs a weight above 0 and what it is",
        "positive: task.logged_minutes > 10.0, negative: task.status == \"COMPLETED\" | grade: {effort: {weight: 1, is: task.status}}, when: task.status == \"COMPLETED\" | :5: objective effort is a string; make it a condition or a number of 0 to 1",
        "split: { | quantiles: [0.5], split: { | :9: 'quantiles' is for reg:quantileerror; remove it",
        "split: { | period: 7d, split: { | :9: 'period' is for rank:ndcg; remove it",
        "4ms | 4ms, alert_above: much | :10: serve.alert_above: 'much' stands where a number is needed",
        "binary:logistic | rank:ndcg | :9: objective rank:ndcg does not fit a label of two values; use binary:logistic or reg:squarederror",
        "test: 15% | test: 25% | :9: the shares of split do not add up to 100%",
        "about: Probability of an overrun | abut: Probability | :2: no entry 'abut' here; use one of about, gate",
        "0.28 | task.status | :10: task.status is no number; a fallback must be one",
        "4ms | soon | :10: budget: 'soon' is no time; write such as 5ms",
        "explain: 2 | best: worst, explain: 2 | :10: best: worst; write highest or lowest",
        "STARTED | BEGUN | :4: 'status == \"BEGUN\"': no status is 'BEGUN'",
        "from: task, | from: task, active_within: 1h, | :4: active_within goes with every; remove it",
        "from: task, | from: prediction_requested, | :4: requests and schedules are answered whatever holds; remove when and once_per",
        "explain: 2 | explain: -3 | :10: explain: -3 inputs; write how many a prediction names, 0 to 100",
        "scores: task | about: Again, and not the same | :3: Duplicate field 'about'",
        "split: { | embargo: soon, split: { | :9: 'soon' is no duration; write such as 12h or 90d",
        "split: { | parameters: {seed: 1}, split: { | :9: parameter 'seed' is not for a model's file: training decides booster",
        "split: { | parameters: {max_deph: 6}, split: { | :9: XGBoost has no parameter 'max_deph' for trees; nearest are max_depth",
        "split: { | search: {max_depth: []}, split: { | :9: search tries values of max_depth: write at least one",
        "split: { | search: {eta: [1]}, parameters: {eta: 1}, split: { | :9: search tries values of eta: write at least one, and none under parameters",
        "split: { | search: {eta: [1, 2, 3, 4, 5], gamma: [1, 2, 3, 4, 5]}, split: { | :9: search has 25 combinations, at most 24 are tried",
        "split: { | trusted: [task.cost], split: { | :9: trusted names task.cost, which is no input of the model",
        "metric: auc | metric: rmse | :11: no metric 'rmse' of binary:logistic; use one of auc, log_loss, brier",
        "[champion, fallback] | [luck] | :11: beats names 'luck'; use champion, fallback",
        "margin: 0 | margin: much | :11: gate.margin: 'much' stands where a number is needed",
        "segments: [status] | segments: status | :11: gate.segments: a list, such as [a, b], is needed here",
        ", fallback: [task.logged_minutes, 0.28] | '' | :10: 'fallback' is missing; add it",
        "explain: 2 | explain: {top: 2} | :10: serve.explain: a number is needed here",
        "margin: 0 | margin: 1e999 | :11: margin must be a number",
        "cluster: project_id | cluster: crew_id | :11: cluster names 'crew_id'; use project_id, company_id, entity_id",
        "segments: [status] | segments: [state] | :11: segment 'state' is no input of the model; name one input",
        "segments: [status] | segments: [logged_minutes] | :11: segment task.logged_minutes is a long; segments need a text or a condition",
        "[0.9, 1.1] | [1.1, 0.9] | :11: calibration needs its bounds in order, such as [0.9, 1.1]",
        "drift: [1h, 1d] | drift: often | :12: 'often' is no duration; write such as 12h or 90d",
        "drift: [1h, 1d] | drift: [] | :12: drift is empty; write windows such as [1h, 1d]",
        "fallback_share > 0.2 | auc is bad | :12: alerts: 'auc is bad' is none; write such as auc < 0.70",
        "fallback_share > 0.2 | rmse > 1 | :12: alerts: no figure 'rmse' of this model; use one of auc, log_loss",
        "alerts: [fallback_share > 0.2] | confirm: 3 of 2 | :12: confirm: '3 of 2'; write such as 2 of 3",
        "alerts: [fallback_share > 0.2] | by: crew | :12: by: 'crew'; write company, or leave it out",
        "alerts: [fallback_share > 0.2] | against: luck | :12: against: 'luck'; write training or last_week",
        "alerts: [fallback_share > 0.2] | entities: 0 | :12: entities: 0; write 1 or more",
        "margin: 0 | margn: 0 | :11: no entry 'margn' here; use one of beats, calibration",
      })
  void saysInOneLineWhatIsWrongWhereAndWhatToDo(String right, String wrong, String message) {
    assertThatThrownBy(() -> load(OVERRUN.replace(right, wrong)))
        .isInstanceOf(InvalidModelException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  private static final String OBJECTIVE = "objective: \"binary:logistic\"";
  private static final String TWO_VALUES =
      "{positive: task.logged_minutes > 10.0, negative: task.status == \"COMPLETED\", within: 90d}";

  private static String quantiles(String quantiles) {
    return OVERRUN
        .replace(TWO_VALUES, "{value: task.logged_minutes, after: 7d}")
        .replace(OBJECTIVE, "objective: \"reg:quantileerror\"" + quantiles)
        .replace("calibration: [0.9, 1.1]", "")
        .replace("metric: auc", "metric: pinball");
  }

  private static String ranking(String group) {
    return OVERRUN
        .replace(
            TWO_VALUES,
            "{grade: {effort: {weight: 1, is: task.logged_minutes}}, when: task.status == \"COMPLETED\", within: 90d}")
        .replace(OBJECTIVE, "objective: \"rank:ndcg\"" + group)
        .replace("calibration: [0.9, 1.1]", "")
        .replace("metric: auc", "metric: ndcg@3")
        .replace("project_id", "company_id");
  }

  private static String classes(String fallback) {
    return OVERRUN
        .replace(
            TWO_VALUES,
            "{classes: {low: task.logged_minutes < 10.0, high: task.logged_minutes >= 10.0}, when: task.status == \"COMPLETED\", within: 90d}")
        .replace(OBJECTIVE, "objective: \"multi:softprob\"")
        .replace("calibration: [0.9, 1.1]", "")
        .replace("metric: auc", "metric: macro_auc")
        .replace("[task.logged_minutes, 0.28]", fallback);
  }

  @Test
  void namesQuantilesRanksWithinGroupsAndAnswersClasses() throws IOException {
    assertThat(load(quantiles("")).outputs()).containsExactly("p10", "p50", "p90");
    assertThat(load(quantiles(", quantiles: [0.05, 0.29]")).outputs()).containsExactly("p5", "p29");
    assertThat(load(ranking(", group: [company_id, task.status], period: 7d")).train().grouping())
        .isEqualTo(new ModelSpec.Grouping(List.of("task.status"), Duration.ofDays(7)));
    assertThat(load(classes("[high]")).serve().fallback().constants())
        .containsExactly(Map.entry("low", 0.0), Map.entry("high", 1.0));
  }

  @Test
  void fillsAllQuantilesWithWhatTheFallbackFinds() throws IOException {
    ModelSpec.Fallback fallback = load(quantiles("")).serve().fallback();
    assertThat(fallback.answer(value -> 3L)).isEqualTo(Map.of("p10", 3.0, "p50", 3.0, "p90", 3.0));
    assertThat(fallback.answer(value -> null))
        .isEqualTo(Map.of("p10", 0.28, "p50", 0.28, "p90", 0.28));
  }

  @Test
  void saysWhatIsWrongWithOtherKindsOfModels() {
    refuses(quantiles(", quantiles: [0.9, 0.1]"), ":9: quantiles ascend from 0.01 to 0.99");
    refuses(quantiles(", quantiles: [0.5]"), ":9: quantiles needs at least two");
    refuses(quantiles("").replace("0.28]", "0.28], alert_above: 1"), "alert_above needs a model");
    refuses(
        quantiles("").replace("segments: [status],", "calibration: [0.9, 1.1]"),
        ":11: scores of reg:quantileerror do not add up to labels; remove calibration");
    refuses(ranking(", group: [task.status], period: 7d"), "group does not name company_id");
    refuses(ranking(", group: [company_id, task.phase], period: 7d"), ":9: group names task.phase");
    refuses(ranking(", group: [company_id]"), "'period' is missing");
    refuses(
        ranking(", group: [company_id], period: 7d")
            .replace("cluster: company_id", "cluster: project_id"),
        ":11: a ranking is of several projects");
    refuses(
        classes("[0.28]"),
        ":10: fallback of classes needs one of them and nothing else: [low] or [high]");
    refuses(
        OVERRUN.replaceFirst("label: .*\n", "").replace("binary:logistic", "robust_deviation"),
        ":8: 'split' is for boosted trees; remove it");
    refuses(
        OVERRUN
            .replaceFirst("label: .*\n", "")
            .replace(
                "binary:logistic\", split: {train: 70%, validate: 15%, test: 15%}",
                "robust_deviation\""),
        ":10: a gate needs labels, and the model has none; remove it");
  }

  private void refuses(String yaml, String message) {
    assertThatThrownBy(() -> load(yaml))
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
