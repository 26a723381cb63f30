package io.crewcast.schemas.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.WorkEvent;
import java.io.IOException;
import java.time.Duration;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SchemaRegistryTest {

  private RegistryOfTheTest server;
  private SchemaRegistry registry;

  @BeforeEach
  void start() throws IOException {
    server = new RegistryOfTheTest();
    registry = new SchemaRegistry(server.url(), Duration.ofSeconds(5));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void findsBySchemaIdWhatItRegisteredAndHoldsTheSubjectToItsCompatibility() {
    int id = registry.register(Topic.WORK_EVENTS, WorkEvent.getClassSchema());

    assertThat(registry.schema(id)).contains(WorkEvent.getClassSchema());
    assertThat(server.compatibilityOf("work-events-value")).isEqualTo("BACKWARD_TRANSITIVE");
  }

  @Test
  void asksForASchemaOnceWhetherItIsKnownOrNot() {
    int id = registry.register(Topic.WORK_EVENTS, WorkEvent.getClassSchema());
    int before = server.requests();

    for (int repeat = 0; repeat < 3; repeat++) {
      assertThat(registry.schema(id)).isPresent();
      assertThat(registry.schema(999)).isEmpty();
    }

    assertThat(server.requests() - before).isEqualTo(2);
  }

  @Test
  void asksAgainWhileTheRegistryIsBusy() {
    int id = registry.register(Topic.WORK_EVENTS, WorkEvent.getClassSchema());
    server.fail(3);

    assertThat(registry.schema(id)).isPresent();
  }

  @Test
  void givesUpOnARegistryThatDoesNotAnswerAndSaysWhatToCheck() {
    server.close();
    var unreachable = new SchemaRegistry(server.url(), Duration.ofMillis(300));

    assertThatThrownBy(() -> unreachable.schema(1))
        .isInstanceOf(RegistryUnreachableException.class)
        .hasMessageContaining(server.url())
        .hasMessageContaining("Check that it runs");
  }

  @Test
  void namesSubjectFieldAndRemedyWhenTheRegistryRefusesASchema() {
    registry.register("rows-value", row(Schema.Type.LONG), Compatibility.FULL_TRANSITIVE);

    assertThatThrownBy(
            () ->
                registry.register(
                    "rows-value", row(Schema.Type.STRING), Compatibility.FULL_TRANSITIVE))
        .isInstanceOf(IncompatibleSchemaException.class)
        .hasMessageContaining("rows-value")
        .hasMessageContaining("inner.hours_7d: TYPE_MISMATCH")
        .hasMessageContaining("under another name");
  }

  private static Schema row(Schema.Type hours) {
    return SchemaBuilder.record("Row")
        .fields()
        .requiredString("company_id")
        .name("inner")
        .type(
            SchemaBuilder.record("Inner")
                .fields()
                .name("hours_7d")
                .type(Schema.create(hours))
                .noDefault()
                .endRecord())
        .noDefault()
        .endRecord();
  }
}
