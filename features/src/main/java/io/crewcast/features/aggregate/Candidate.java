package io.crewcast.features.aggregate;

import java.util.List;

/**
 * A value with its place in time, as a text whose order is that of (occurred_at, event_id): what
 * {@link Aggregation#LAST} keeps.
 */
public final class Candidate {

  private static final char SEPARATOR = '\u0001';
  private static final char ITEM = '\u0002';

  private Candidate() {}

  static String encode(long occurredAt, String eventId, Object value) {
    // flipping the sign bit makes the hexadecimal digits sort as the numbers do
    return "%016x".formatted(occurredAt ^ Long.MIN_VALUE) + eventId + SEPARATOR + typed(value);
  }

  /** The value that was encoded. */
  public static Object value(String candidate) {
    int start = candidate.indexOf(SEPARATOR) + 1;
    String text = candidate.substring(start + 1);
    return switch (candidate.charAt(start)) {
      case 'L' -> Long.parseLong(text);
      case 'D' -> Double.parseDouble(text);
      case 'B' -> Boolean.parseBoolean(text);
      case 'T' -> text.isEmpty() ? List.of() : List.of(text.split(String.valueOf(ITEM), -1));
      default -> text;
    };
  }

  private static String typed(Object value) {
    if (value instanceof Long number) {
      return "L" + number;
    } else if (value instanceof Double number) {
      return "D" + number;
    } else if (value instanceof Boolean yes) {
      return "B" + yes;
    } else if (value instanceof List<?> items) {
      return "T" + String.join(String.valueOf(ITEM), items.stream().map(String::valueOf).toList());
    }
    return "S" + value;
  }
}
