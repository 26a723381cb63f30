package io.crewcast.sinks.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.ValueType;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FeastRepositoryTest {

  @Test
  void declaresViewsJoinKeysAndTypesAsTheyAreWrittenToRedis() {
    List<Column> columns = new ArrayList<>();
    for (ValueType type : ValueType.values()) {
      columns.add(new Column("a_" + type, type, "Says \"" + type + "\" \\ so"));
    }
    var repository =
        new FeastRepository(
            List.of(new FeatureSchema(EntityType.WORKER_PROJECT, "A worker", columns)),
            URI.create("redis://store:6380"),
            Duration.ofDays(2),
            "/srv/lake");

    assertThat(repository.configuration().lines())
        .contains(
            "project: " + FeastView.PROJECT,
            "  connection_string: \"store:6380\"",
            "  key_ttl_seconds: 172800",
            "entity_key_serialization_version: 3");
    assertThat(repository.definitions().lines().map(String::strip))
        .contains(
            "company = Entity(name=\"company\", join_keys=[\"company_id\"],"
                + " value_type=ValueType.STRING)",
            "worker = Entity(name=\"worker\", join_keys=[\"worker_id\"],"
                + " value_type=ValueType.STRING)",
            "project = Entity(name=\"project\", join_keys=[\"project_id\"],"
                + " value_type=ValueType.STRING)",
            "worker_project_features = FeatureView(",
            "name=\"worker_project_features\",",
            "entities=[company, worker, project],",
            "ttl=timedelta(seconds=172800),",
            field("long", "Int64"),
            field("double", "Float64"),
            field("boolean", "Bool"),
            field("string", "String"),
            field("instant", "UnixTimestamp"),
            field("strings", "Array(String)"),
            field("doubles", "Array(Float64)"));
  }

  @Test
  void takesTheUsualPortWhereNoneIsSaid() {
    var repository =
        new FeastRepository(List.of(), URI.create("redis://store"), Duration.ofDays(2), "lake");
    assertThat(repository.configuration()).contains("connection_string: \"store:6379\"");
  }

  private static String field(String name, String type) {
    return "Field(name=\"a_%1$s\", dtype=%2$s, description=\"Says \\\"%1$s\\\" \\\\ so\"),"
        .formatted(name, type);
  }
}
