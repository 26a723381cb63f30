package io.crewcast.features.definition;

import io.crewcast.features.aggregate.Catalogue;
import io.crewcast.features.aggregate.Catalogue.Option;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a feature file may hold, as a JSON Schema: editors complete and check by it. Names, types
 * and expressions are checked when the file is loaded; a schema cannot say them.
 */
public final class FeatureFileSchema {

  private static final String LENGTH = "^[1-9][0-9]{0,4}[mhd]$";
  private static final String WINDOW = "^(total|[1-9][0-9]{0,4}[mhd])$";

  private FeatureFileSchema() {}

  /** The schema, as maps and lists of what JSON has. */
  public static Map<String, Object> json() {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("$schema", "http://json-schema.org/draft-07/schema#");
    schema.put("title", "Features of one kind of entity");
    schema.putAll(
        object(
            properties(
                "entity", oneOf("Whose features these are", entities()),
                "about", text("What the entity is"),
                "fresh_within", freshWithin("each of the facts, beyond which it alerts"),
                "facts", entries("Facts that features count, by a name of their own", fact()),
                "features", entries("Columns, by name; a window adds its own", feature()),
                "derived", entries("Columns over the columns above, by name", derived()),
                "retired", list("Columns that were once: their names stay taken", text("Name"))),
            "entity",
            "about",
            "facts",
            "features"));
    return schema;
  }

  private static Map<String, Object> fact() {
    return object(
        properties(
            "from", oneOf("The kind of fact", kinds()),
            "when", text("CEL over the fact: only these count"),
            "while", text("CEL over the fact: it counts for as long as its version fits"),
            "let", entries("Values made of the fact", text("CEL; may use task.column")),
            "fresh_within", freshWithin("these facts, in place of what the file says of all")),
        "from");
  }

  private static Map<String, Object> freshWithin(String of) {
    return pattern("How old the newest may be of " + of + ": 12h", LENGTH);
  }

  private static Map<String, Object> feature() {
    Map<String, Object> properties = new LinkedHashMap<>();
    List<Object> aggregations = new ArrayList<>();
    for (String name : Catalogue.names()) {
      properties.put(
          name, text(name.equals("count") ? "A fact" : "A fact and its field: entry.minutes"));
      aggregations.add(Map.of("required", List.of(name)));
    }
    properties.putAll(
        properties(
            "windows",
            list("How far back; none for a lifetime", pattern("7d, 12h, 5m or total", WINDOW)),
            "hop",
            oneOf(
                "The step in which the windows move",
                Arrays.stream(Hop.values()).map(Hop::yamlName).toList()),
            "unit",
            oneOf("Minutes are converted to it", List.copyOf(FeatureEntry.UNITS.keySet())),
            "by",
            text("A text field: the row shows the share of its own event"),
            "of",
            text("A text field: whose shares are compared"),
            "at_most",
            integer("How many different values are told apart at once"),
            FeatureEntry.yamlName(Option.AT),
            number("Rank between 0 and 1: 0.5 is the median"),
            FeatureEntry.yamlName(Option.N),
            integer("How many, from 1 to 100"),
            "about",
            text("What it means")));
    Map<String, Object> feature = object(properties, "about");
    feature.put("oneOf", aggregations);
    return feature;
  }

  private static Map<String, Object> derived() {
    return object(
        properties(
            "is", text("CEL over the columns above"),
            "unit", text("Of the value"),
            "about", text("What it means")),
        "is",
        "about");
  }

  private static List<String> entities() {
    return Arrays.stream(EntityType.values()).map(FeatureSchema::nameOf).toList();
  }

  private static List<String> kinds() {
    return Arrays.stream(FactKind.values())
        .filter(FactKind::changesEntities)
        .map(FactKind::yamlName)
        .toList();
  }

  private static Map<String, Object> properties(Object... namesAndSchemas) {
    Map<String, Object> properties = new LinkedHashMap<>();
    for (int i = 0; i < namesAndSchemas.length; i += 2) {
      properties.put((String) namesAndSchemas[i], namesAndSchemas[i + 1]);
    }
    return properties;
  }

  private static Map<String, Object> object(Map<String, Object> properties, String... required) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("type", "object");
    object.put("additionalProperties", false);
    object.put("required", List.of(required));
    object.put("properties", properties);
    return object;
  }

  private static Map<String, Object> entries(String description, Map<String, Object> of) {
    Map<String, Object> entries = typed("object", description);
    entries.put("additionalProperties", of);
    return entries;
  }

  private static Map<String, Object> list(String description, Map<String, Object> of) {
    Map<String, Object> list = typed("array", description);
    list.put("items", of);
    return list;
  }

  private static Map<String, Object> oneOf(String description, List<String> values) {
    Map<String, Object> text = text(description);
    text.put("enum", values);
    return text;
  }

  private static Map<String, Object> pattern(String description, String pattern) {
    Map<String, Object> text = text(description);
    text.put("pattern", pattern);
    return text;
  }

  private static Map<String, Object> text(String description) {
    return typed("string", description);
  }

  private static Map<String, Object> number(String description) {
    return typed("number", description);
  }

  private static Map<String, Object> integer(String description) {
    return typed("integer", description);
  }

  private static Map<String, Object> typed(String type, String description) {
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", type);
    schema.put("description", description);
    return schema;
  }
}
