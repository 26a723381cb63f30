package io.crewcast.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.local.stack.Home;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

/** What is made from definitions and kept with them is as it would be made now. */
class ExportTest {

  @ParameterizedTest
  @CsvSource({
    "features export markdown, docs/features.md",
    "features export json_schema, flink-conf/features/feature-file.schema.json",
    "topics export, docs/asyncapi.yaml"
  })
  void isWhatIsInTheTree(String export, String file) throws Exception {
    StringWriter out = new StringWriter();
    CommandLine command = Crewcast.commandLine().setOut(new PrintWriter(out));

    int status = command.execute(export.split(" "));

    Path kept = Home.find().flinkConf().resolveSibling(file);
    assertThat(status).isZero();
    assertThat(out.toString())
        .as("./crewcast %s > %s", export, file)
        .isEqualTo(Files.readString(kept));
  }
}
