package io.crewcast.schemas.expression;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.Defect;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Fact;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FactFieldsTest {

  @Test
  void tellsDefectsApartByTheWorkThatMadeThem() {
    Fact task = fact(task("roof", "code"));
    Fact defect = fact(defect("roof", "code"));

    assertThat(FactFields.value(defect, "origin_phase"))
        .isEqualTo(FactFields.value(task, "origin_phase"))
        .isEqualTo("code");
    assertThat(FactFields.value(defect, "origin"))
        .isEqualTo(FactFields.value(task, "origin"))
        .isNotEqualTo(FactFields.value(fact(defect("roof", "test")), "origin"))
        .isNotEqualTo(FactFields.value(fact(defect("roof c", "ode")), "origin"));
  }

  @Test
  void knowsOfARequestWhereTheTaskThatItIsAboutWouldMakeDefects() {
    Task task = task("roof", "code");
    var asked = new PredictionRequested("r", "m", List.of(), task);

    assertThat(FactFields.value(fact(asked), "origin"))
        .isEqualTo(FactFields.value(fact(task), "origin"))
        .isNotNull();
    assertThat(FactFields.value(fact(new PredictionRequested("r", "m", List.of(), null)), "origin"))
        .isNull();
  }

  @Test
  void knowsNoOriginWithoutComponentOrPhase() {
    assertThat(FactFields.value(fact(task(null, "code")), "origin")).isNull();
    assertThat(FactFields.value(fact(defect("roof", null)), "origin")).isNull();
    assertThat(FactFields.types(FactKind.TIME_ENTRY)).doesNotContainKeys("origin", "origin_phase");
  }

  private static Task task(@Nullable String component, String phase) {
    return Task.newBuilder()
        .setTaskId("t")
        .setStatus(TaskStatus.STARTED)
        .setProjectId("bridge")
        .setComponentId(component)
        .setPhase(phase)
        .build();
  }

  private static Defect defect(String component, @Nullable String injected) {
    return Defect.newBuilder()
        .setDefectId("d")
        .setProjectId("bridge")
        .setComponentId(component)
        .setFixMinutes(5)
        .setPhase("inspection")
        .setInjectedPhase(injected)
        .build();
  }

  private static Fact fact(Object payload) {
    Instant at = Instant.parse("2026-01-05T09:00:00Z");
    var event = new WorkEvent("e", "acme", at, at, "test", false, payload);
    return Fact.newBuilder().setEvent(event).build();
  }
}
