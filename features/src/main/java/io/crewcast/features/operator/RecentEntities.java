package io.crewcast.features.operator;

import io.crewcast.features.window.DayPage;
import io.crewcast.features.window.EntityState;
import io.crewcast.features.window.EntityStore;
import io.crewcast.features.window.Entries;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.runtime.state.KeyedStateBackend;
import org.apache.flink.util.FlinkRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * The entities that changed last, as objects in memory, in front of the state they are kept in. An
 * entity is read when it is first heard of, and written when it makes room for others and before
 * every snapshot: one that changes often pays for reading and writing once a checkpoint, not at
 * every change.
 */
final class RecentEntities {

  static final ValueStateDescriptor<EntityState> STATE =
      new ValueStateDescriptor<>("header", PackedSerializer.OfState.INSTANCE);

  /** Pages of an entity that are in memory: most changes are to one of today or yesterday. */
  private static final int PAGES = 3;

  /** Until a timer fires: changes need not wait for older ones to be written. */
  private static final int PAGES_BETWEEN_TIMERS = 8;

  /** What an entity takes is measured anew after so many changes, and when a page comes. */
  private static final int MEASURED_EVERY = 16;

  /** Bytes of the heap, beside its state and pages. */
  private static final int OF_AN_ENTITY = 700;

  private final KeyedStateBackend<String> keys;
  private final long bytesAtMost;
  private final UnaryOperator<@Nullable EntityState> align;
  private final ValueState<EntityState> states;
  private final MapState<Long, DayPage> pages;
  private final MapState<Long, Entries> buckets;

  /** The one that was used last comes last. */
  private final Map<String, Entity> byKey = new LinkedHashMap<>(16, 0.75f, true);

  private long bytes;
  private boolean isFull;

  /**
   * @param keys whose state it is
   * @param bytesAtMost of memory, about; 0 to write each entity when it has changed
   * @param store of these keys
   * @param align makes state ready for use, null where none is known
   */
  RecentEntities(
      KeyedStateBackend<String> keys,
      long bytesAtMost,
      KeyedStateStore store,
      UnaryOperator<@Nullable EntityState> align) {
    this.keys = keys;
    this.bytesAtMost = bytesAtMost;
    this.align = align;
    states = store.getState(STATE);
    pages =
        store.getMapState(
            new MapStateDescriptor<>(
                "pages", LongSerializer.INSTANCE, PackedSerializer.OfPage.INSTANCE));
    buckets =
        store.getMapState(
            new MapStateDescriptor<>(
                "buckets", LongSerializer.INSTANCE, PackedSerializer.OfEntries.INSTANCE));
  }

  /** That of the current key. */
  Entity current() throws IOException {
    Entity entity = byKey.get(keys.getCurrentKey());
    return entity == null ? new Entity(align.apply(states.value())) : entity;
  }

  /** That of the current key has changed. */
  void changed(Entity entity) throws IOException {
    if (!entity.isRecent) {
      entity.isRecent = true;
      byKey.put(keys.getCurrentKey(), entity);
    }
    keep(entity);
  }

  /** Time alone has changed that of the current key. Idle ones take the place of none. */
  void expired(Entity entity) throws IOException {
    if (entity.isRecent) {
      entity.keep(PAGES);
      keep(entity);
    } else {
      entity.isWritten = false;
      entity.write();
    }
  }

  /** Whether one had to make room for another since the last snapshot. */
  boolean isFull() {
    return isFull;
  }

  private void keep(Entity entity) throws IOException {
    entity.isWritten = false;
    if (entity.changes++ % MEASURED_EVERY == 0) {
      bytes -= entity.bytes;
      entity.bytes = entity.measure();
      bytes += entity.bytes;
    }
    if (bytes > bytesAtMost) {
      makeRoom();
    }
  }

  private void makeRoom() throws IOException {
    isFull = true;
    String current = keys.getCurrentKey();
    Iterator<Map.Entry<String, Entity>> eldest = byKey.entrySet().iterator();
    while (bytes > bytesAtMost && eldest.hasNext()) {
      Map.Entry<String, Entity> goes = eldest.next();
      eldest.remove();
      write(goes.getKey(), goes.getValue());
      bytes -= goes.getValue().bytes;
    }
    keys.setCurrentKey(current);
  }

  /** Writes all that changed, before a snapshot. The current key is another one then. */
  void write() throws IOException {
    isFull = false;
    for (Map.Entry<String, Entity> one : byKey.entrySet()) {
      write(one.getKey(), one.getValue());
    }
  }

  private void write(String key, Entity entity) throws IOException {
    if (!entity.isWritten) {
      keys.setCurrentKey(key);
      entity.write();
    }
  }

  /** What is in memory of one entity; its store when it is the current one. */
  final class Entity implements EntityStore {

    private interface Access<T> {
      T run() throws Exception;
    }

    private interface Write {
      void run() throws Exception;
    }

    private final EntityState state;

    /** The page that was used last comes last. */
    private final Map<Long, DayPage> recentPages = new LinkedHashMap<>(4, 0.75f, true);

    private final Set<Long> unwritten = new HashSet<>();
    private boolean isRecent;
    private boolean isWritten = true;
    private int changes;
    private long bytes;

    private Entity(EntityState state) {
      this.state = state;
    }

    EntityState state() {
      return state;
    }

    /** Whether it is in memory when its key is no longer the current one. */
    boolean isRecent() {
      return isRecent;
    }

    /** Writes the pages that were used before so many others, and lets them go. */
    private void keep(int atMost) {
      Iterator<Map.Entry<Long, DayPage>> eldest = recentPages.entrySet().iterator();
      for (int more = recentPages.size() - atMost; more > 0; more--) {
        Map.Entry<Long, DayPage> goes = eldest.next();
        writePage(goes.getKey(), goes.getValue());
        eldest.remove();
      }
    }

    private long measure() {
      long sum = state.memory();
      for (DayPage page : recentPages.values()) {
        sum += page.memory();
      }
      return sum + OF_AN_ENTITY;
    }

    private void write() throws IOException {
      states.update(state);
      isWritten = true;
      recentPages.forEach(this::writePage);
    }

    private void writePage(long id, DayPage page) {
      if (unwritten.remove(id)) {
        write(() -> pages.put(id, page));
      }
    }

    @Override
    public @Nullable DayPage page(long id) {
      DayPage page = recentPages.get(id);
      return page == null ? of(() -> pages.get(id)) : page;
    }

    @Override
    public void putPage(long id, DayPage page) {
      if (recentPages.put(id, page) == null) {
        changes = 0;
      }
      unwritten.add(id);
      keep(PAGES_BETWEEN_TIMERS);
    }

    @Override
    public void removePage(long id) {
      recentPages.remove(id);
      unwritten.remove(id);
      write(() -> pages.remove(id));
    }

    @Override
    public @Nullable Entries bucket(long id) {
      return of(() -> buckets.get(id));
    }

    @Override
    public void putBucket(long id, Entries entries) {
      write(() -> buckets.put(id, entries));
    }

    @Override
    public void removeBucket(long id) {
      write(() -> buckets.remove(id));
    }

    private static void write(Write write) {
      of(
          () -> {
            write.run();
            return true;
          });
    }

    private static <T extends @Nullable Object> T of(Access<T> access) {
      try {
        return access.run();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (Exception e) {
        throw new FlinkRuntimeException("state of an entity cannot be read or written", e);
      }
    }
  }
}
