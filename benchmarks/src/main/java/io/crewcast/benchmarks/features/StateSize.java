package io.crewcast.benchmarks.features;

import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.window.DayPage;
import io.crewcast.features.window.EntityState;
import io.crewcast.features.window.EntityStore;
import io.crewcast.features.window.Entries;
import io.crewcast.features.window.FeatureWindows;
import io.crewcast.features.window.Layout;
import io.crewcast.features.window.PackedState;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.stream.Change;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.jspecify.annotations.Nullable;

/**
 * What a worker takes in state after so many days, in bytes before RocksDB compresses them.
 *
 * @param record what every change needs
 * @param pages how many there are, a day of one kind of fact each
 * @param all record, pages and buckets
 */
record StateSize(int record, int pages, int all) {

  /** Bytes as Flink's state would write them. */
  private interface Writer {
    void write(DataOutputSerializer out) throws IOException;
  }

  /** After so many days of {@link WorkerChanges}. */
  static StateSize of(EntityDefinition worker, int days) {
    FeatureWindows windows = new FeatureWindows(worker, Layout.of(worker));
    EntityState state = windows.unknown();
    InMemory store = new InMemory();
    WorkerChanges changes = WorkerChanges.aDay(1, ChangeStream.START);
    for (long i = 0; i < (long) WorkerChanges.A_DAY * days; i++) {
      Change change = changes.change(i);
      windows.change(
          state,
          store,
          Instants.micros(change.getRecordedAt()),
          change.getRetracted(),
          change.getApplied(),
          visited -> visited.equals("task.logged_minutes") ? 100L : null);
    }
    int record = bytes(out -> PackedState.write(state, out));
    int pages =
        store.pages.values().stream().mapToInt(p -> bytes(out -> PackedState.write(p, out))).sum();
    int buckets =
        store.buckets.values().stream()
            .mapToInt(b -> bytes(out -> PackedState.write(b, out)))
            .sum();
    return new StateSize(record, store.pages.size(), record + pages + buckets);
  }

  private static int bytes(Writer writer) {
    DataOutputSerializer out = new DataOutputSerializer(1_024);
    try {
      writer.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.length();
  }

  private static final class InMemory implements EntityStore {
    private final Map<Long, DayPage> pages = new HashMap<>();
    private final Map<Long, Entries> buckets = new HashMap<>();

    @Override
    public @Nullable DayPage page(long id) {
      return pages.get(id);
    }

    @Override
    public void putPage(long id, DayPage page) {
      pages.put(id, page);
    }

    @Override
    public void removePage(long id) {
      pages.remove(id);
    }

    @Override
    public @Nullable Entries bucket(long id) {
      return buckets.get(id);
    }

    @Override
    public void putBucket(long id, Entries entries) {
      buckets.put(id, entries);
    }

    @Override
    public void removeBucket(long id) {
      buckets.remove(id);
    }
  }
}
