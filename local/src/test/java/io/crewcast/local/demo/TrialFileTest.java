package io.crewcast.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.features.definition.Definitions;
import io.crewcast.local.stack.Home;
import io.crewcast.schemas.EntityType;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.model.ModelSpec;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrialFileTest {

  @TempDir private Path folder;

  @Test
  void addsAnExperimentThatActsOfItselfToTheDefinitionsThatThereAre() throws Exception {
    Path shipped = Home.find().flinkConf();
    DemoOptions options =
        new DemoOptions(
            null, null, 1, null, List.of(), Scenario.SRM, shipped, Path.of("jobs.jar"), folder);
    Instant start = Instant.parse("2026-03-01T12:00:00Z");
    Path own = TrialFile.write(options, start);

    List<ModelSpec> models =
        ModelSpec.loadAll(own.resolve("models"), Definitions.load(own).schemas());
    List<ExperimentSpec> experiments = ExperimentSpec.loadAll(own.resolve("experiments"), models);
    assertThat(experiments)
        .hasSize(1 + ExperimentSpec.loadAll(shipped.resolve("experiments"), models).size());
    assertThat(experiments)
        .filteredOn(experiment -> experiment.name().equals(TrialFile.NAME))
        .singleElement()
        .satisfies(
            experiment -> {
              assertThat(experiment.unit()).isEqualTo(EntityType.TASK);
              assertThat(experiment.ramp().isAutomatic()).isTrue();
              assertThat(experiment.runsAt(start)).isTrue();
              assertThat(experiment.observes(TrialFile.OVERRIDDEN)).isTrue();
            });
  }
}
