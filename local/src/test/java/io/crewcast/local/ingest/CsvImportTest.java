package io.crewcast.local.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.Worker;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A made-up German timesheet export: other columns, separator, charset, decimal mark and dates, and
 * no code for it.
 */
class CsvImportTest {
  private static final String SHEET =
      """
      Nr;Datum;Von;Bis;Stunden;Pause;Mitarbeiter;Auftrag;Art;Erfasst
      1;03.02.2025;08:00;12:30;4,5;-5;Müller;A-1;Arbeit;04.02.2025 09:00
      2;03.02.2025;13:00;17:00;4;0;Müller;A-1;Urlaub;04.02.2025 09:00
      3;31.02.2025;08:00;12:00;4;0;Öztürk;A-2;Arbeit;04.02.2025 09:00
      4;02.02.2025;08:00;09:20;1,3333;99;Öztürk;A-2;Fertig;-
      5;05.02.2025;08:00;09:00;1;0;Öztürk;A-9;Arbeit;-
      6;05.02.2025;08:00;09:00;eine;0;Öztürk;A-2;Arbeit;-
      7;05.02.2025;08:00
      4;06.02.2025;08:00;09:00;1;0;Öztürk;A-2;Arbeit;-
      8;06.02.2025;08:00;"09:
      00";1;0;Öztürk;A-2;Arbeit;-
      9;06.02.2025;08:00;09:00;1;0;Öztürk;A-2;Krank;-
      """;

  private static final String MAPPING =
      """
      mapping: timesheet
      source: stempeluhr
      zone: Europe/Berlin
      dates: ["dd.MM.uuuu HH:mm", dd.MM.uuuu]
      decimal: ","
      nulls: ["-", ""]
      lookups:
        customer: {file: auftraege.csv, key: "{order}", value: "{customer}"}
      read:
        - file: stunden.csv
          delimiter: ";"
          charset: windows-1252
          where_not: {Art: Urlaub}
          company_id: {of: "{Auftrag}", lookup: customer}
          events:
            - kind: time_entry
              event_id: e{Nr}
              occurred_at: "{Datum} {Bis}"
              recorded_at: {latest: ["{Datum} {Bis}", "{Erfasst}"]}
              payload:
                time_entry_id: e{Nr}
                worker_id: "{Mitarbeiter}"
                project_id: "{Auftrag}"
                task_id: "{Auftrag}/1"
                minutes: {of: "{Stunden}", times: 60, round: half_up}
                overtime_minutes: {minutes_between: ["{Datum} {Von}", "{Datum} {Bis}"]}
                break_minutes: {of: "{Pause}", at_least: 0, at_most: 60}
                phase: {of: "{Art}", table: {Arbeit: doing, Fertig: done}}
            - kind: task
              where: {Art: Fertig}
              event_id: t{Nr}
              occurred_at: "{Datum} {Bis}"
              payload: {task_id: "{Auftrag}/1", status: COMPLETED, project_id: "{Auftrag}", required_skills: {of: "schweißen, heben", split: ","}}
            - kind: worker
              once_per: "{Mitarbeiter}"
              event_id: w-{Mitarbeiter}
              occurred_at: "{Datum}"
              payload: {worker_id: "{Mitarbeiter}", status: ACTIVE}
      """;

  @TempDir Path folder;

  @BeforeEach
  void writeTheTimesheet() throws IOException {
    Files.writeString(folder.resolve("stunden.csv"), SHEET, Charset.forName("windows-1252"));
    Files.writeString(
        folder.resolve("auftraege.csv"), "customer,order\nacme,A-1\nacme,A-1\nbolt,A-2\n");
    Files.writeString(folder.resolve("timesheet.yaml"), MAPPING);
  }

  private ImportAccount run(String out) throws IOException {
    Mapping mapping = Mapping.read(folder.resolve("timesheet.yaml"), folder);
    return CsvImport.run(mapping, folder.resolve(out), folder.resolve("rejects.jsonl"), () -> {});
  }

  @Test
  void readsAnUnrelatedTimesheetByItsMappingAlone() throws IOException {
    run("events.avro");

    List<WorkEvent> events = EventFile.readAll(folder.resolve("events.avro"));

    assertThat(events)
        .extracting(WorkEvent::getEventId)
        .containsExactly("w-Öztürk", "e4", "t4", "w-Müller", "e1");
    WorkEvent entry = events.get(4);
    assertThat(entry.getCompanyId()).isEqualTo("acme");
    assertThat(entry.getSource()).isEqualTo("stempeluhr");
    assertThat(entry.getOccurredAt()).isEqualTo(Instant.parse("2025-02-03T11:30:00Z"));
    assertThat(entry.getRecordedAt()).isEqualTo(Instant.parse("2025-02-04T08:00:00Z"));
    assertThat(entry.getPayload())
        .isEqualTo(
            TimeEntry.newBuilder()
                .setTimeEntryId("e1")
                .setWorkerId("Müller")
                .setProjectId("A-1")
                .setTaskId("A-1/1")
                .setMinutes(270)
                .setOvertimeMinutes(270)
                .setBreakMinutes(0)
                .setPhase("doing")
                .build());
    assertThat(events.get(2).getPayload())
        .isEqualTo(
            Task.newBuilder()
                .setTaskId("A-2/1")
                .setStatus(TaskStatus.COMPLETED)
                .setProjectId("A-2")
                .setRequiredSkills(List.of("schweißen", "heben"))
                .build());
  }

  @Test
  void roundsAndClampsOnlyAsTheMappingSays() throws IOException {
    ImportAccount account = run("events.avro");

    TimeEntry entry =
        (TimeEntry) EventFile.readAll(folder.resolve("events.avro")).get(1).getPayload();

    assertThat(entry.getMinutes()).isEqualTo(80);
    assertThat(entry.getBreakMinutes()).isEqualTo(60);
    assertThat(account.clamped()).isEqualTo(2);
  }

  @Test
  void keepsTheEarliestEventOfAKeyWhicheverRowComesFirst() throws IOException {
    Files.writeString(
        folder.resolve("stunden.csv"),
        """
        Nr;Datum;Von;Bis;Stunden;Pause;Mitarbeiter;Auftrag;Art;Erfasst
        1;05.02.2025;08:00;09:00;1;0;Kim;A-1;Arbeit;-
        2;03.02.2025;08:00;09:00;1;0;Kim;A-1;Arbeit;-
        """);

    ImportAccount account = run("events.avro");

    WorkEvent worker = EventFile.readAll(folder.resolve("events.avro")).get(0);
    assertThat(worker.getPayload()).isInstanceOf(Worker.class);
    assertThat(worker.getOccurredAt()).isEqualTo(Instant.parse("2025-02-02T23:00:00Z"));
    assertThat(account.repeated()).isEqualTo(1);
  }

  @Test
  void keepsEachRejectedRowWithItsLineAndReason() throws IOException {
    run("events.avro");

    List<String> rejects = Files.readAllLines(folder.resolve("rejects.jsonl"));

    assertThat(rejects).hasSize(7);
    assertThat(rejects.get(0))
        .startsWith(
            "{\"file\":\"stunden.csv\",\"line\":4,\"reason\":\"event.occurred_at: `31.02.2025 12:00` is not a date of the form")
        .endsWith(
            "\"row\":[\"3\",\"31.02.2025\",\"08:00\",\"12:00\",\"4\",\"0\",\"Öztürk\",\"A-2\",\"Arbeit\",\"04.02.2025 09:00\"]}");
    assertThat(rejects.get(1))
        .contains("\"line\":6", "event.company_id: the row has no value for it");
    assertThat(rejects.get(2)).contains("\"line\":7", "time_entry.minutes: `eine` is not a number");
    assertThat(rejects.get(3)).contains("\"line\":8", "it has 3 values");
    assertThat(rejects.get(4)).contains("\"line\":9", "event_id `e4` was given before");
    assertThat(rejects.get(5)).contains("\"line\":10", "is not a date");
    assertThat(rejects.get(6))
        .contains("\"line\":12", "time_entry.phase: `Krank` is not in the mapping's table");
  }

  @Test
  void accountsForEveryRowAndEveryEvent() throws IOException {
    ImportAccount account = run("events.avro");

    assertThat(account.addsUp()).isTrue();
    assertThat(account.rowsIn()).isEqualTo(10);
    assertThat(account.used()).isEqualTo(2);
    assertThat(account.filtered()).isEqualTo(1);
    assertThat(account.rejected()).isEqualTo(7);
    assertThat(account.eventsOut())
        .containsOnly(Map.entry("time_entry", 2L), Map.entry("task", 1L), Map.entry("worker", 2L));
    assertThat(account)
        .hasToString(
            String.format(
                "rows in 10 = used 2 + filtered 1 + rejected 7%nevents formed 5 = written 5 + left out by once_per 0%nwritten: task 1, time_entry 2, worker 2%nvalues clamped 2"));
  }

  @Test
  void writesTheSameBytesFromPlainAndFromGzipFiles() throws IOException {
    run("plain.avro");
    byte[] sheet = Files.readAllBytes(folder.resolve("stunden.csv"));
    try (OutputStream gzip =
        new GZIPOutputStream(Files.newOutputStream(folder.resolve("stunden.csv")))) {
      gzip.write(sheet);
    }

    run("gzip.avro");

    assertThat(folder.resolve("gzip.avro")).hasSameBinaryContentAs(folder.resolve("plain.avro"));
  }
}
