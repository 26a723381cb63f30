package io.crewcast.features;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.crewcast", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule PURE_PACKAGES_KNOW_NOTHING_OF_FLINK_KAFKA_OR_REDIS =
      noClasses()
          .that()
          .resideInAnyPackage(
              "..features.definition..",
              "..features.aggregate..",
              "..features.window..",
              "..features.ledger..",
              "..schemas.expression..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.flink..", "org.apache.kafka..", "redis..");

  @ArchTest
  static final ArchRule FEATURES_KNOW_NEITHER_SCORING_NOR_SINKS =
      noClasses()
          .that()
          .resideInAPackage("io.crewcast.features..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.crewcast.scoring..",
              "io.crewcast.sinks..",
              "io.crewcast.jobs..",
              "io.crewcast.local..");

  @ArchTest
  static final ArchRule NOBODY_READS_THE_WALL_CLOCK =
      noClasses()
          .that()
          .resideInAPackage("io.crewcast.features..")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(java.time.Instant.class, "now");

  @ArchTest
  static final ArchRule PACKAGES_ARE_FREE_OF_CYCLES =
      slices().matching("io.crewcast.features.(*)..").should().beFreeOfCycles();
}
