package io.crewcast.local.verify;

import java.util.Map;
import java.util.Objects;

/** How numbers are written in DuckDB's SQL. */
final class Sql {

  private Sql() {}

  /** A literal with an exponent: without one it would be a decimal number. */
  static String real(double value) {
    String digits = Double.toString(value);
    return digits.indexOf('E') < 0 ? digits + "e0" : digits.replace('E', 'e');
  }

  static String real(long value) {
    return real((double) value);
  }

  static <V> V at(Map<String, V> map, String key) {
    return Objects.requireNonNull(map.get(key), key);
  }
}
