package io.crewcast.scoring.yaml;

import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import java.util.Collection;
import java.util.Objects;
import java.util.stream.Collectors;

/** A value of another kind than the entry of a file takes. */
final class MisreadValue {

  private MisreadValue() {}

  /** {@code gate.margin: 'much' stands where a number is needed}. */
  static String inWords(MismatchedInputException e) {
    String needed = needed(e.getTargetType() == null ? Object.class : e.getTargetType());
    String at =
        e.getPath().stream()
            .map(Reference::getFieldName)
            .filter(Objects::nonNull)
            .collect(Collectors.joining("."));
    return e instanceof InvalidFormatException wrong
        ? "%s: '%s' stands where %s is needed".formatted(at, wrong.getValue(), needed)
        : "%s: %s is needed here".formatted(at.isEmpty() ? "the file" : at, needed);
  }

  private static String needed(Class<?> type) {
    if (type == Boolean.class || type == boolean.class) {
      return "true or false";
    } else if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
      return "a number";
    } else if (type == String.class) {
      return "a text";
    }
    return Collection.class.isAssignableFrom(type)
        ? "a list, such as [a, b],"
        : "a mapping of names, such as {name: value},";
  }
}
