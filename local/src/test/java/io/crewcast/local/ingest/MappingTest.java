package io.crewcast.local.ingest;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every fault of a mapping is found before a row is read, and said with file, line and remedy. */
class MappingTest {
  private static final String MAPPING =
      """
      mapping: sheet
      zone: UTC
      dates: [M/d/uuuu H:mm]
      lookups:
        company: {file: sheet.csv, key: "{id}", value: "{who}"}
      read:
        - file: sheet.csv
          where: {who: [kim]}
          events:
            - kind: time_entry
              event_id: te-{id}
              company_id: acme
              occurred_at: "{when}"
              payload:
                time_entry_id: te-{id}
                worker_id: {of: "{who}", lookup: company}
                project_id: one
                minutes: {of: "{minutes}", at_least: 0}
      """;

  @TempDir Path folder;

  private Path write(String mapping) throws IOException {
    Files.writeString(folder.resolve("sheet.csv"), "id,who,when,minutes\n1,kim,2/3/2025 8:00,60\n");
    return Files.writeString(folder.resolve("sheet.yaml"), mapping);
  }

  @Test
  void readsAsItStands() throws IOException {
    Mapping.read(write(MAPPING), folder);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          zone: UTC            | zone: Mars            | 2  | `Mars` is no time zone; write one such as UTC
          M/d/uuuu             | M/d/yyyy              | 3  | the year as uuuu
          key: "{id}"          | key: "{no}"           | 5  | no column `no` in the file; it has id, who, when, minutes
          - file: sheet.csv    | - file: other.csv     | 7  | give its folder with --data
          where: {who          | where: {whom          | 8  | no column `whom` in the file
          kind: time_entry     | kind: timesheet       | 10 | is no kind of event; use one of [time_entry, task,
          event_id: te-{id}    | event_id: te-{key}    | 11 | no column `key` in the file
          company_id: acme     | company: acme         | 12 | `company` means nothing here; use one of
          time_entry_id: te-   | entry_id: te-         | 15 | `entry_id` is no field of time_entry; it has time_entry_id
          lookup: company      | lookup: firm          | 16 | no look-up `firm`; declare it under `lookups:`
          at_least: 0          | at_least: none        | 18 | `none` is not a number
          project_id: one      | phase: one            | 10 | time_entry needs `project_id`: The project worked on
          project_id: one      | project_id: {of: one, times: 2} | 17 | `times` is for numbers
          """)
  void saysFileLineAndRemedy(String good, String bad, int line, String message) throws IOException {
    Path file = write(MAPPING.replace(good, bad));

    assertThatThrownBy(() -> Mapping.read(file, folder))
        .isInstanceOf(MappingException.class)
        .hasMessageStartingWith(file + ":" + line + ": ")
        .hasMessageContaining(message.strip())
        .hasMessageNotContaining("\n");
  }

  @Test
  void refusesALookUpWithTwoValuesForOneKey() throws IOException {
    Path file = write(MAPPING);
    Files.writeString(folder.resolve("sheet.csv"), "id,who,when,minutes\n1,kim,,1\n1,lee,,1\n");

    assertThatThrownBy(() -> Mapping.read(file, folder))
        .hasMessageContaining("sheet.csv:3: `1` is `lee`, and was `kim` before");
  }

  @Test
  void refusesWhatIsNotYaml() throws IOException {
    Path file = write("mapping: [a\nread: b: c\n");

    assertThatThrownBy(() -> Mapping.read(file, folder))
        .hasMessageStartingWith(file + ":2: is not valid YAML");
  }
}
