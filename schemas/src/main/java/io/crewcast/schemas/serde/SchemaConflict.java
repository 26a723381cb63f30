package io.crewcast.schemas.serde;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.Incompatibility;

/**
 * The first reason why one schema cannot read what another wrote.
 *
 * @param field path of the field, such as {@code payload.planned_minutes}
 * @param reason what is wrong with it
 */
record SchemaConflict(String field, String reason) {

  /** Empty where {@code reader} reads all that {@code writer} can write. */
  static Optional<SchemaConflict> between(Schema reader, Schema writer) {
    return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
        .getResult()
        .getIncompatibilities()
        .stream()
        .findFirst()
        .map(conflict -> new SchemaConflict(path(reader, conflict.getLocation()), why(conflict)));
  }

  private static String why(Incompatibility conflict) {
    return conflict.getType() + ", " + conflict.getMessage();
  }

  /** Avro gives the place as a pointer into the reader: {@code /fields/3/type/1/symbols}. */
  private static String path(Schema reader, String pointer) {
    StringBuilder path = new StringBuilder();
    Schema at = reader;
    Iterator<String> steps = List.of(pointer.substring(1).split("/", -1)).iterator();
    while (steps.hasNext()) {
      String step = steps.next();
      if (step.equals("fields") && at.getType() == Schema.Type.RECORD && steps.hasNext()) {
        Schema.Field field = at.getFields().get(Integer.parseInt(steps.next()));
        path.append(path.isEmpty() ? "" : ".").append(field.name());
        at = field.schema();
      } else if (step.equals("items")) {
        at = at.getElementType();
      } else if (step.equals("values")) {
        at = at.getValueType();
      } else if (at.getType() == Schema.Type.UNION && !step.equals("type")) {
        at = at.getTypes().get(Integer.parseInt(step));
      }
    }
    return path.isEmpty() ? reader.getName() : path.toString();
  }

  @Override
  public String toString() {
    return field + ": " + reason;
  }
}
