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
import org.jspecify.annotations.Nullable;

/**
 * A copy of an entity and of what is read of its pages: it moves through time and takes facts in
 * like the entity itself, of which nothing changes.
 */
public final class Preview implements EntityStore {

  private final EntityState state;
  private final EntityStore original;

  /** Those that were read or changed; null where one was removed. */
  private final Map<Long, @Nullable DayPage> pages = new HashMap<>();

  private final Map<Long, @Nullable Entries> buckets = new HashMap<>();

  Preview(EntityState state, EntityStore original) {
    this.state = copy(state, PackedState::write, PackedState::readState);
    this.original = original;
  }

  public EntityState state() {
    return state;
  }

  @Override
  public @Nullable DayPage page(long id) {
    if (!pages.containsKey(id)) {
      DayPage page = original.page(id);
      pages.put(id, page == null ? null : copy(page, PackedState::write, PackedState::readPage));
    }
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
    if (!buckets.containsKey(id)) {
      Entries entries = original.bucket(id);
      buckets.put(id, entries == null ? null : entries.copy());
    }
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
