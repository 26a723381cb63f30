package io.crewcast.local.ingest;

import org.jspecify.annotations.Nullable;

/**
 * What a mapping makes of a row for one field: null, or a value of the Java type that the field's
 * Avro type has.
 */
interface Value {
  /**
   * Reads the row's text as the field's type.
   *
   * @throws UnusableRowException when the row's text cannot be read as the field's type
   */
  @Nullable Object of(Row row);
}
