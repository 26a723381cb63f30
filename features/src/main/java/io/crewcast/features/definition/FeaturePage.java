package io.crewcast.features.definition;

import static java.util.stream.Collectors.joining;

import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The page that lists every feature, in Markdown, from the definitions alone. */
public final class FeaturePage {

  private FeaturePage() {}

  /** All entities, a table each. */
  public static String markdown(Definitions definitions) {
    StringBuilder page =
        new StringBuilder(
            """
            # Features
            Made from `flink-conf/features/*.yaml` by `./crewcast features export markdown`. Every column may be missing: count, sum and distinct are 0 for an entity that is known, the others have no value without observations. An instant stays true while it lies in Redis and a duration does not: rows hold instants, and a model subtracts, as in `days(as_of - project.started_at)` for the days elapsed or `days(project.due_at - as_of)` for those left.
            """);
    definitions.entities().forEach(entity -> append(entity, page));
    return page.toString();
  }

  private static void append(EntityDefinition entity, StringBuilder page) {
    FeatureSchema schema = entity.schema();
    page.append("\n## %s\n%s.%s\n\n".formatted(schema.name(), entity.about(), fresh(entity)));
    page.append("| column | type | unit | meaning | kept as |\n|---|---|---|---|---|\n");
    Map<String, String> sayings = sayings(entity);
    for (Column column : schema.columns()) {
      page.append(
          "| `%s` | %s | %s | %s | `%s` |\n"
              .formatted(
                  column.name(),
                  column.type(),
                  entity.unit(column.name()),
                  cell(column.doc()),
                  cell(sayings.getOrDefault(column.name(), ""))));
    }
  }

  /** Which facts are to be fresh within which time. */
  private static String fresh(EntityDefinition entity) {
    Map<Duration, List<String>> sources = new TreeMap<>();
    entity.features().stream()
        .map(Feature::source)
        .distinct()
        .forEach(
            source -> {
              Duration within = entity.freshWithin(source);
              if (within != null) {
                sources
                    .computeIfAbsent(within, w -> new ArrayList<>())
                    .add("`" + source.name() + "`");
              }
            });
    return sources.entrySet().stream()
        .map(of -> String.join(", ", of.getValue()) + " within " + Window.text(of.getKey()))
        .collect(
            joining("; ", sources.isEmpty() ? "" : " To be fresh: ", sources.isEmpty() ? "" : "."));
  }

  private static Map<String, String> sayings(EntityDefinition entity) {
    Map<String, String> sayings = new HashMap<>();
    for (Feature feature : entity.features()) {
      feature.windows().forEach(w -> sayings.put(w.column(feature.name()), feature.saying()));
    }
    entity.derived().forEach(derived -> sayings.put(derived.name(), derived.is().source()));
    return sayings;
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
