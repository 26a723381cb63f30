package io.crewcast.local.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crewcast.features.definition.Definitions;
import io.crewcast.local.stack.Home;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeastExportTest {

  @TempDir private Path folder;
  private final StringWriter err = new StringWriter();

  @Test
  void declaresEachFeatureThatIsInRedisInItsView() throws Exception {
    assertThat(export("feast", "--out", folder.resolve("repo").toString())).isZero();

    assertThat(folder.resolve("repo/feature_store.yaml")).content().contains("project: crewcast");
    String python = Files.readString(folder.resolve("repo/features.py"));
    for (FeatureSchema schema : Definitions.load(Home.find().flinkConf()).schemas().values()) {
      boolean served = schema.entity() != EntityType.TASK;
      assertThat(python.contains(schema.table() + " = FeatureView(")).isEqualTo(served);
      if (served) {
        String view = python.substring(python.indexOf(schema.table() + " = FeatureView("));
        assertThat(view.substring(0, view.indexOf("\n)\n")).lines().map(String::strip))
            .filteredOn(line -> line.startsWith("Field("))
            .map(line -> line.replaceAll("Field\\(name=\"(\\w+)\".*", "$1"))
            .isEqualTo(schema.columns().stream().map(Column::name).toList());
      }
    }
  }

  @Test
  void isPython() throws Exception {
    assumeTrue(isThere("python3"), "there is no python3 to compile it");
    assertThat(export("feast", "--out", folder.toString())).isZero();
    Process compiles =
        new ProcessBuilder("python3", "-m", "py_compile", folder.resolve("features.py").toString())
            .redirectErrorStream(true)
            .start();
    assertThat(new String(compiles.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEmpty();
    assertThat(compiles.waitFor()).isZero();
  }

  @Test
  void needsAFolderAndNothingElseTakesOne() {
    assertThat(export("feast")).isEqualTo(2);
    assertThat(export("markdown", "--out", folder.toString())).isEqualTo(2);
    assertThat(err.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("feast is files: name a folder with --out"),
            line -> assertThat(line).contains("--out goes with feast"));
  }

  private static boolean isThere(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(at -> Files.isExecutable(Path.of(at, program)));
  }

  private int export(String... arguments) {
    return Crewcast.commandLine()
        .setOut(new PrintWriter(new StringWriter()))
        .setErr(new PrintWriter(err, true))
        .execute(
            Stream.concat(Stream.of("features", "export"), Stream.of(arguments))
                .toArray(String[]::new));
  }
}
