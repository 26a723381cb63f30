package io.crewcast.local;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.util.UUID;

/** What all modules promise each other; seen from the one that knows them all. */
@AnalyzeClasses(packages = "io.crewcast", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  private static final String[] PURE = {
    "io.crewcast.schemas.expression..",
    "io.crewcast.features.definition..",
    "io.crewcast.features.aggregate..",
    "io.crewcast.features.window..",
    "io.crewcast.features.ledger..",
    "io.crewcast.scoring.model..",
    "io.crewcast.scoring.tree..",
    "io.crewcast.scoring.explain..",
    "io.crewcast.scoring.rollout..",
    "io.crewcast.scoring.serving..",
    "io.crewcast.scoring.yaml..",
    "io.crewcast.scoring.statistics..",
    "io.crewcast.scoring.experiment.."
  };

  @ArchTest
  static final ArchRule MODULES_LOOK_DOWN_ONLY =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("local")
          .definedBy("io.crewcast.local..")
          .layer("jobs")
          .definedBy("io.crewcast.jobs..")
          .layer("sinks")
          .definedBy("io.crewcast.sinks..")
          .layer("scoring")
          .definedBy("io.crewcast.scoring..")
          .layer("features")
          .definedBy("io.crewcast.features..")
          .whereLayer("local")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("jobs")
          .mayOnlyBeAccessedByLayers("local")
          .whereLayer("sinks")
          .mayOnlyBeAccessedByLayers("jobs", "local")
          .whereLayer("scoring")
          .mayOnlyBeAccessedByLayers("jobs", "local")
          .whereLayer("features")
          .mayOnlyBeAccessedByLayers("jobs", "local");

  @ArchTest
  static final ArchRule SCHEMAS_KNOW_NO_OTHER_MODULE =
      noClasses()
          .that()
          .resideInAPackage("io.crewcast.schemas..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.crewcast.features..",
              "io.crewcast.scoring..",
              "io.crewcast.sinks..",
              "io.crewcast.jobs..",
              "io.crewcast.local..");

  @ArchTest
  static final ArchRule PURE_PACKAGES_KNOW_NOTHING_OF_FLINK_KAFKA_OR_REDIS =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.flink..", "org.apache.kafka..", "redis..");

  @ArchTest
  static final ArchRule ONE_CLASS_SPEAKS_TO_THE_REGISTRYS_CLIENT =
      noClasses()
          .that()
          .haveNameNotMatching("io\\.crewcast\\.schemas\\.serde\\.SchemaRegistry(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.flink.avro.registry.confluent.shaded..");

  @ArchTest
  static final ArchRule THE_RECOMPUTATION_SHARES_NOTHING_WITH_WHAT_IT_VERIFIES =
      noClasses()
          .that()
          .resideInAPackage("io.crewcast.local.verify..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.crewcast.features..",
              "io.crewcast.schemas.expression..",
              "io.crewcast.sinks..",
              "io.crewcast.jobs..");

  @ArchTest
  static final ArchRule NO_WALL_CLOCK_IN_THE_DATA_PATH =
      noClasses()
          .that()
          .resideInAnyPackage("io.crewcast.features..", "io.crewcast.schemas..")
          .or()
          .resideInAnyPackage(PURE)
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(UUID.class, "randomUUID");

  @ArchTest
  static final ArchRule PACKAGES_ARE_FREE_OF_CYCLES =
      slices()
          .matching("io.crewcast.(features|scoring|sinks|local).(*)..")
          .should()
          .beFreeOfCycles();
}
