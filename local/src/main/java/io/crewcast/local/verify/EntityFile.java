package io.crewcast.local.verify;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A feature file as the recomputation reads it.
 *
 * @param entity whose features these are
 * @param facts by name
 * @param features in the order of the file
 * @param derived CEL by column, in the order of the file
 * @param retired names of features that are gone
 */
record EntityFile(
    String entity,
    Map<String, ObservedFact> facts,
    List<DefinedFeature> features,
    Map<String, String> derived,
    Set<String> retired) {

  /** {@code worker_features}: its table in the lake. */
  String table() {
    return entity + "_features";
  }

  /** The columns that name one of them, in their order in {@link #id}. */
  static List<String> ids(String entity) {
    return entity.equals("worker_project")
        ? List.of("worker_id", "project_id")
        : List.of(entity + "_id");
  }

  /** SQL for the id of one of them: that of a pair is one text of both. */
  static String id(String entity) {
    return entity.equals("worker_project")
        ? "replace(replace(worker_id, '%', '%25'), '/', '%2F') || '/' || project_id"
        : entity + "_id";
  }

  /** True where a {@code let} value uses features of an entity that was visited before. */
  boolean reads(String visited) {
    return facts.values().stream()
        .flatMap(fact -> fact.let().values().stream())
        .flatMap(is -> SqlExpression.names(is).stream())
        .anyMatch(name -> name.startsWith(visited + '.'));
  }

  /** True for a column of a feature that is gone. */
  boolean hasRetired(String column) {
    return retired.stream().anyMatch(name -> column.equals(name) || column.startsWith(name + '_'));
  }
}
