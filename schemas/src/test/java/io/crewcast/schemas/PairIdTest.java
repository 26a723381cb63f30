package io.crewcast.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PairIdTest {

  private static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "kim, bridge, kim/bridge",
    "a/b, c/d, a%2Fb/c/d",
    "100%, 50%/2, 100%25/50%/2",
    "%2F, /, %252F//",
  })
  void isReadableAndComesApartAgain(String worker, String project, String entityId) {
    PairId pair = new PairId(worker, project);

    assertThat(pair.entityId()).isEqualTo(entityId);
    assertThat(PairId.of(entityId)).isEqualTo(pair);
  }

  @Test
  void givesNoTwoPairsOneText() {
    SplittableRandom random = new SplittableRandom(11);
    Map<String, PairId> pairs = new HashMap<>();
    for (int i = 0; i < 20_000; i++) {
      PairId pair = new PairId(id(random), id(random));
      assertThat(pairs.merge(pair.entityId(), pair, (known, same) -> known)).isEqualTo(pair);
      assertThat(PairId.of(pair.entityId())).isEqualTo(pair);
    }
  }

  private static String id(SplittableRandom random) {
    StringBuilder id = new StringBuilder();
    for (int length = random.nextInt(1, 5); length > 0; length--) {
      id.append("%/25Fa".charAt(random.nextInt(6)));
    }
    return id.toString();
  }

  @ParameterizedTest
  @ValueSource(strings = {"kim", "ki%m/bridge", "%2f/bridge", "", "kim%2Fbridge"})
  void refusesWhatIsNoPairAndSaysHowOneIsWritten(String text) {
    assertThatThrownBy(() -> PairId.of(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("'" + text + "' is no worker in a project: write ")
        .hasMessageContaining("worker_id/project_id");
  }

  @Test
  void isNamedByFactsThatNameBothAlone() {
    assertThat(
            List.of(FactKind.values()).stream().filter(k -> k.canName(EntityType.WORKER_PROJECT)))
        .contains(FactKind.TIME_ENTRY, FactKind.TASK, FactKind.DEFECT)
        .doesNotContain(FactKind.PROJECT, FactKind.WORKER, FactKind.CREW_MEMBERSHIP);
    Task task =
        Task.newBuilder()
            .setTaskId("t")
            .setStatus(TaskStatus.STARTED)
            .setProjectId("a/b")
            .setWorkerId("k/m")
            .build();
    WorkEvent event = new WorkEvent("e", "acme", NOON, NOON, "test", false, task);
    assertThat(FactKind.entityId(event, EntityType.WORKER_PROJECT)).isEqualTo("k%2Fm/a/b");
    assertThat(FactKind.entityId(event, EntityType.WORKER)).isEqualTo("k/m");

    task.setWorkerId(null);
    assertThat(FactKind.entityId(event, EntityType.WORKER_PROJECT)).isNull();
    event.setPayload(Worker.newBuilder().setWorkerId("kim").setStatus(WorkerStatus.ACTIVE).build());
    assertThat(FactKind.entityId(event, EntityType.WORKER_PROJECT)).isNull();
  }

  @Test
  void hasAColumnForEachOfItsIdsInARow() {
    FeatureSchema pairs =
        new FeatureSchema(
            EntityType.WORKER_PROJECT,
            "One worker in one project",
            List.of(new FeatureSchema.Column("hours_30d", ValueType.DOUBLE, "Hours")));
    Schema avro = pairs.avro();
    FeatureVector vector =
        new FeatureVector(
            EntityType.WORKER_PROJECT,
            "acme",
            "k%2Fm/a/b",
            NOON,
            3L,
            null,
            new ArrayList<>(List.of(1.5)));

    assertThat(pairs.table()).isEqualTo("worker_project_features");
    assertThat(avro.getFullName()).isEqualTo("io.crewcast.schemas.WorkerProjectFeatures");
    assertThat(avro.getFields())
        .extracting(Schema.Field::name)
        .containsExactly(
            "company_id", "worker_id", "project_id", "as_of", "sequence", "event_id", "hours_30d");
    assertThat(avro.getField("project_id").doc()).isEqualTo("The project");
    GenericRecord row = pairs.row(vector, avro);
    assertThat(row.get("worker_id")).isEqualTo("k/m");
    assertThat(row.get("project_id")).isEqualTo("a/b");
    assertThat(row.get("sequence")).isEqualTo(3L);
    assertThat(row.get("hours_30d")).isEqualTo(1.5);
  }
}
