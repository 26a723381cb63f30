package io.crewcast.features.window;

import org.jspecify.annotations.Nullable;

/** Where the pages and buckets of one entity lie: Flink state live, a map in a test. */
public interface EntityStore {

  @Nullable DayPage page(long id);

  void putPage(long id, DayPage page);

  void removePage(long id);

  /** Keys of a column that are too many to lie with the entity, or null. */
  @Nullable Entries bucket(long id);

  void putBucket(long id, Entries entries);

  void removeBucket(long id);
}
