package io.crewcast.local.ingest;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.GZIPInputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;
import org.jspecify.annotations.Nullable;

/**
 * A CSV file, plain or gzip (its first bytes say which), and how a mapping says that it is written.
 */
record CsvFile(Path path, Setting setting, CSVFormat format, Charset charset, Set<String> nulls) {
  /** Keys that say how a file is written; they stand beside {@code file}. */
  static final Set<String> KEYS =
      new TreeSet<>(Set.of("file", "delimiter", "quote", "charset", "columns", "nulls"));

  /** Takes one record and the line on which it starts. */
  interface Visitor {
    void record(CSVRecord record, long line);
  }

  static CsvFile parse(
      Path data, Setting place, Map<String, Setting> entries, @Nullable Setting defaultNulls) {
    Setting file = EventTemplate.need(place, entries, "file");
    Path path = data.resolve(file.text());
    if (!Files.isRegularFile(path)) {
      throw file.fault("there is no file " + path + "; give its folder with --data");
    }
    CSVFormat.Builder format =
        CSVFormat.RFC4180
            .builder()
            .setIgnoreEmptyLines(true)
            .setDuplicateHeaderMode(DuplicateHeaderMode.DISALLOW);
    Setting columns = entries.get("columns");
    if (columns == null) {
      format.setHeader().setSkipHeaderRecord(true);
    } else {
      format.setHeader(columns.items().stream().map(Setting::text).toArray(String[]::new));
    }
    Setting delimiter = entries.get("delimiter");
    if (delimiter != null) {
      format.setDelimiter(delimiter.text());
    }
    Setting quote = entries.get("quote");
    if (quote != null) {
      if (quote.text().length() != 1) {
        throw quote.fault("a quote is one character");
      }
      format.setQuote(quote.text().charAt(0));
    }
    Setting nullMarkers = entries.getOrDefault("nulls", defaultNulls);
    Set<String> nulls = new LinkedHashSet<>();
    if (nullMarkers == null) {
      nulls.add("");
    } else {
      nullMarkers.items().forEach(marker -> nulls.add(marker.text()));
    }
    return new CsvFile(path, file, format.get(), charset(entries.get("charset")), nulls);
  }

  private static Charset charset(@Nullable Setting charset) {
    try {
      return charset == null
          ? java.nio.charset.StandardCharsets.UTF_8
          : Charset.forName(charset.text());
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      throw charset.fault(
          "`" + charset.text() + "` is no charset; write one such as UTF-8 or windows-1252");
    }
  }

  Set<String> columns() {
    try (CSVParser parser = open()) {
      return new LinkedHashSet<>(parser.getHeaderNames());
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      throw setting.fault(
          "the header of " + path + " cannot be read: " + e.getMessage() + "; name the `columns`");
    }
  }

  /**
   * Visits every record in the order of the file.
   *
   * @throws MappingException when the file ends its being CSV, with the line
   */
  void forEach(Visitor visitor) {
    long line = 0;
    try (CSVParser parser = open()) {
      line = parser.getCurrentLineNumber();
      Iterator<CSVRecord> records = parser.iterator();
      while (records.hasNext()) {
        CSVRecord record = records.next();
        visitor.record(record, line + 1);
        line = parser.getCurrentLineNumber();
      }
    } catch (IOException | UncheckedIOException | IllegalArgumentException e) {
      throw setting.fault(
          path
              + ":"
              + (line + 1)
              + ": cannot be read as CSV: "
              + e.getMessage()
              + "; check the mapping's delimiter, quote and charset, or mend the line");
    }
  }

  private CSVParser open() throws IOException {
    InputStream bytes = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
    try {
      bytes.mark(2);
      boolean gzip = bytes.read() == 0x1f && bytes.read() == 0x8b;
      bytes.reset();
      CharsetDecoder decoder =
          charset
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT);
      BufferedReader text =
          new BufferedReader(
              new InputStreamReader(gzip ? new GZIPInputStream(bytes, 1 << 16) : bytes, decoder),
              1 << 16);
      text.mark(1);
      if (text.read() != '\uFEFF') {
        text.reset();
      }
      return CSVParser.parse(text, format);
    } catch (IOException | RuntimeException e) {
      bytes.close();
      throw e;
    }
  }
}
