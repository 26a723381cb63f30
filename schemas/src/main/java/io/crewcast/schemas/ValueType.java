package io.crewcast.schemas;

import java.util.Locale;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.jspecify.annotations.NullMarked;

/** The types that a feature, a field of a fact and an input of a model may have. */
@NullMarked
public enum ValueType {
  LONG,
  DOUBLE,
  BOOLEAN,
  STRING,
  /** Microseconds since the epoch in UTC, as a {@code long} wherever values are kept. */
  INSTANT,
  STRINGS,
  DOUBLES;

  /** True for what arithmetic and a model's numeric input accept. */
  public boolean isNumber() {
    return this == LONG || this == DOUBLE;
  }

  /** True for several values in an order; a model takes none. */
  public boolean isList() {
    return this == STRINGS || this == DOUBLES;
  }

  /** The Avro type of a value that is there. */
  public Schema avro() {
    return switch (this) {
      case LONG -> Schema.create(Schema.Type.LONG);
      case DOUBLE -> Schema.create(Schema.Type.DOUBLE);
      case BOOLEAN -> Schema.create(Schema.Type.BOOLEAN);
      case STRING -> string();
      case INSTANT -> LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG));
      case STRINGS -> Schema.createArray(string());
      case DOUBLES -> Schema.createArray(DOUBLE.avro());
    };
  }

  /** {@code a string}, {@code an instant}: as an error says it. */
  public String withArticle() {
    return (this == INSTANT ? "an " : isList() ? "a list of " : "a ") + this;
  }

  /** A string that Avro reads as {@link String}. */
  private static Schema string() {
    Schema schema = Schema.create(Schema.Type.STRING);
    schema.addProp("avro.java.string", "String");
    return schema;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
