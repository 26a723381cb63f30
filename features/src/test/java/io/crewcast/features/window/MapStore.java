package io.crewcast.features.window;

import io.crewcast.schemas.state.TilePage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** An entity's state in memory; what is written is copied, as real state does. */
final class MapStore implements EntityStore {

  final Map<Long, TilePage> pages = new HashMap<>();
  final Map<String, List<Long>> sums = new HashMap<>();

  @Override
  public TilePage page(long id) {
    TilePage page = pages.get(id);
    return page == null ? null : copy(page);
  }

  @Override
  public void putPage(long id, TilePage page) {
    pages.put(id, copy(page));
  }

  @Override
  public void removePage(long id) {
    pages.remove(id);
  }

  @Override
  public List<Long> sums(String key) {
    return sums.get(key);
  }

  @Override
  public void putSums(String key, List<Long> sums) {
    this.sums.put(key, List.copyOf(sums));
  }

  @Override
  public void removeSums(String key) {
    sums.remove(key);
  }

  private static TilePage copy(TilePage page) {
    return TilePage.newBuilder(page).build();
  }
}
