package io.crewcast.features.window;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A copy of an entity and of what is read of its pages: it moves through time and takes facts in
 * like the entity itself, of which nothing changes.
 */
public final class Preview implements EntityStore {

  private final EntityState state;
  private final Copies<DayPage> pages;
  private final Copies<Entries> buckets;

  Preview(EntityState state, EntityStore original) {
    this.state = copy(state, PackedState::write, PackedState::readState);
    this.pages =
        new Copies<>(original::page, page -> copy(page, PackedState::write, PackedState::readPage));
    this.buckets = new Copies<>(original::bucket, Entries::copy);
  }

  public EntityState state() {
    return state;
  }

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
    pages.put(id, null);
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
    buckets.put(id, null);
  }

  /** Those that were read or changed, before the originals. */
  private static final class Copies<T> {
    private final LongFunction<@Nullable T> original;
    private final UnaryOperator<T> copy;

    /** Null where one was removed, or never was. */
    private final Map<Long, @Nullable T> known = new HashMap<>();

    Copies(LongFunction<@Nullable T> original, UnaryOperator<T> copy) {
      this.original = original;
      this.copy = copy;
    }

    @Nullable T get(long id) {
      if (!known.containsKey(id)) {
        T found = original.apply(id);
        known.put(id, found == null ? null : copy.apply(found));
      }
      return known.get(id);
    }

    void put(long id, @Nullable T value) {
      known.put(id, value);
    }
  }

  private interface Writer<T> {
    void write(T value, DataOutput out) throws IOException;
  }

  private interface Reader<T> {
    T read(DataInput in) throws IOException;
  }

  /** As state comes back from where it is kept. */
  private static <T> T copy(T value, Writer<T> writer, Reader<T> reader) {
    try {
      var bytes = new ByteArrayOutputStream(2_048);
      writer.write(value, new DataOutputStream(bytes));
      return reader.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
