package io.crewcast.features.window;

import io.crewcast.schemas.state.TilePage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the pages and keyed partials of one entity lie: Flink state live, a map in a test. */
public interface EntityStore {

  @Nullable TilePage page(long id);

  void putPage(long id, TilePage page);

  void removePage(long id);

  /** The running sums under a key, or null. */
  @Nullable List<Long> sums(String key);

  void putSums(String key, List<Long> sums);

  void removeSums(String key);
}
