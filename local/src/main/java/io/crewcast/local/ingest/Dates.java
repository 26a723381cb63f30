package io.crewcast.local.ingest;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads instants in any of several formats, the first that fits. Text without a zone is local time
 * in the mapping's zone; a date without a time is its first moment. `epoch_seconds` and
 * `epoch_millis` are formats too.
 */
final class Dates {
  private static final int KEPT = 10_000;

  private final List<String> patterns = new ArrayList<>();
  private final List<DateTimeFormatter> formatters = new ArrayList<>();
  private final Map<String, Instant> recent = new HashMap<>();
  private final ZoneId zone;

  private Dates(ZoneId zone) {
    this.zone = zone;
  }

  static Dates parse(Setting formats, ZoneId zone) {
    Dates dates = new Dates(zone);
    for (Setting format : formats.items()) {
      dates.add(format);
    }
    return dates;
  }

  static ZoneId zone(Setting setting) {
    try {
      return ZoneId.of(setting.text());
    } catch (DateTimeException e) {
      throw setting.fault(
          "`" + setting.text() + "` is no time zone; write one such as UTC or Europe/Berlin");
    }
  }

  static Dates iso(ZoneId zone) {
    Dates dates = new Dates(zone);
    dates.patterns.add("iso");
    dates.formatters.add(DateTimeFormatter.ISO_DATE_TIME);
    dates.patterns.add("uuuu-MM-dd");
    dates.formatters.add(DateTimeFormatter.ISO_DATE);
    return dates;
  }

  private void add(Setting format) {
    String pattern = format.text();
    patterns.add(pattern);
    if (pattern.equals("iso") || pattern.startsWith("epoch_")) {
      if (!List.of("iso", "epoch_seconds", "epoch_millis").contains(pattern)) {
        throw format.fault("`" + pattern + "` is unknown; use epoch_seconds or epoch_millis");
      }
      formatters.add(DateTimeFormatter.ISO_DATE_TIME);
      return;
    }
    try {
      DateTimeFormatter formatter =
          DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH)
              .withResolverStyle(ResolverStyle.STRICT);
      ZonedDateTime probe = ZonedDateTime.of(2024, 11, 25, 13, 14, 15, 0, zone);
      LocalDate read = LocalDate.from(formatter.parse(formatter.format(probe)));
      if (!read.equals(probe.toLocalDate())) {
        throw new DateTimeException("reads 2024-11-25 as " + read);
      }
      formatters.add(formatter);
    } catch (DateTimeException | IllegalArgumentException e) {
      throw format.fault(
          "date format `"
              + pattern
              + "` cannot be read: "
              + e.getMessage()
              + "; write it as in M/d/uuuu H:mm, the year as uuuu");
    }
  }

  ZoneId zone() {
    return zone;
  }

  /**
   * Reads an instant. The events of a row name the same date again and again, so recent ones are
   * kept.
   */
  Instant read(String text, String field) {
    Instant known = recent.get(text);
    if (known != null) {
      return known;
    }
    for (int i = 0; i < patterns.size(); i++) {
      Instant instant = readOrNull(text, i);
      if (instant != null) {
        if (recent.size() == KEPT) {
          recent.clear();
        }
        recent.put(text, instant);
        return instant;
      }
    }
    throw new UnusableRowException(
        field + ": `" + text + "` is not a date of the form " + String.join(" or ", patterns));
  }

  private @Nullable Instant readOrNull(String text, int format) {
    try {
      return switch (patterns.get(format)) {
        case "epoch_seconds" -> Instant.ofEpochSecond(Long.parseLong(text));
        case "epoch_millis" -> Instant.ofEpochMilli(Long.parseLong(text));
        default -> instant(formatters.get(format), text);
      };
    } catch (DateTimeException | NumberFormatException e) {
      return null;
    }
  }

  private Instant instant(DateTimeFormatter formatter, String text) {
    TemporalAccessor parsed =
        formatter.parseBest(text, ZonedDateTime::from, LocalDateTime::from, LocalDate::from);
    if (parsed instanceof ZonedDateTime zoned) {
      return zoned.toInstant();
    }
    return parsed instanceof LocalDateTime local
        ? local.atZone(zone).toInstant()
        : LocalDate.from(parsed).atStartOfDay(zone).toInstant();
  }
}
