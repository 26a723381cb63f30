package io.crewcast.scoring.training;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The examples whose values count in a reference. A worker who starts twenty tasks in a day has one
 * week's hours, not twenty; rows are not independent, entities are.
 *
 * @param entities how many different ones the values are of
 */
record Counted(List<Example> examples, long entities) {

  /** Each example: of what belongs to no entity. */
  static Counted all(List<Example> examples) {
    return new Counted(examples, examples.size());
  }

  /**
   * The first of each entity in each window from 1970 on, UTC.
   *
   * @param examples oldest first
   * @param owner the kind of entity that the values are of; an example that names none is one of
   *     its own
   */
  static Counted oncePer(Duration window, List<Example> examples, EntityType owner) {
    Set<OwnerInWindow> seen = new HashSet<>();
    Set<String> owners = new HashSet<>();
    List<Example> counted = new ArrayList<>();
    for (Example example : examples) {
      String id = example.owners().get(FeatureSchema.nameOf(owner));
      String key = example.company() + ':' + (id == null ? ':' + example.id() : id);
      long place = Math.floorDiv(example.asOf().toEpochMilli(), window.toMillis());
      if (seen.add(new OwnerInWindow(key, place))) {
        owners.add(key);
        counted.add(example);
      }
    }
    return new Counted(counted, owners.size());
  }

  private record OwnerInWindow(String owner, long window) {}
}
