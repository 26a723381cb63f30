package io.crewcast.local.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crewcast.schemas.EntityType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Potential outcomes as JSON lines, a candidate of a request each. */
public final class PotentialOutcomeFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private PotentialOutcomeFile() {}

  public static void write(Path file, List<PotentialOutcome> outcomes) throws IOException {
    Files.createDirectories(file.toAbsolutePath().getParent());
    try (Writer lines = Files.newBufferedWriter(file)) {
      for (PotentialOutcome outcome : outcomes) {
        lines.write(
            JSON.createObjectNode()
                .put("request_id", outcome.requestId())
                .put("company_id", outcome.companyId())
                .put("entity", outcome.entity().name())
                .put("entity_id", outcome.entityId())
                .put("expected_grade", outcome.grade())
                .toString());
        lines.write('\n');
      }
    }
  }

  public static List<PotentialOutcome> read(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.map(PotentialOutcomeFile::parse).toList();
    }
  }

  private static PotentialOutcome parse(String line) {
    try {
      JsonNode outcome = JSON.readTree(line);
      return new PotentialOutcome(
          outcome.required("request_id").asText(),
          outcome.required("company_id").asText(),
          EntityType.valueOf(outcome.required("entity").asText()),
          outcome.required("entity_id").asText(),
          outcome.required("expected_grade").asDouble());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
