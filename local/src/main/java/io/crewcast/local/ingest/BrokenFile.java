package io.crewcast.local.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.crewcast.schemas.DeadLetterReason;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Broken records as JSON lines beside an event file: {@code events.avro} has {@code
 * events.broken.jsonl}. Each line says when it is published, the dead letter to expect, key, header
 * and body (base64).
 */
public final class BrokenFile {
  private static final ObjectMapper JSON = new ObjectMapper();

  private BrokenFile() {}

  /** Where the broken records of an event file stand. */
  public static Path beside(Path events) {
    return events.resolveSibling(
        events.getFileName().toString().replaceFirst("\\.avro$", "") + ".broken.jsonl");
  }

  public static void write(Path file, List<BrokenRecord> records) throws IOException {
    try (Writer lines = Files.newBufferedWriter(file)) {
      for (BrokenRecord broken : records) {
        lines.write(
            JSON.createObjectNode()
                .put("publish_at", broken.publishAt().toString())
                .put("expected", broken.expected().name())
                .put("key", broken.key())
                .put("header", broken.header().name())
                .put("body", broken.body())
                .toString());
        lines.write('\n');
      }
    }
  }

  /** The records, in the order to publish them; none where there is no such file. */
  public static List<BrokenRecord> read(Path file) throws IOException {
    List<BrokenRecord> records = new ArrayList<>();
    if (Files.exists(file)) {
      try (BufferedReader lines = Files.newBufferedReader(file)) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          JsonNode broken = JSON.readTree(line);
          records.add(
              new BrokenRecord(
                  Instant.parse(broken.required("publish_at").asText()),
                  DeadLetterReason.valueOf(broken.required("expected").asText()),
                  broken.required("key").asText(),
                  BrokenRecord.Header.valueOf(broken.required("header").asText()),
                  broken.required("body").binaryValue()));
        }
      }
    }
    return records;
  }
}
