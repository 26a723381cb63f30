package io.crewcast.features.window;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** An entity's state in memory, as bytes: what is read is what was written. */
class MapStore implements EntityStore {

  final Map<Long, byte[]> pages = new HashMap<>();
  final Map<Long, byte[]> buckets = new HashMap<>();

  @Override
  public DayPage page(long id) {
    return read(pages.get(id), PackedState::readPage);
  }

  @Override
  public void putPage(long id, DayPage page) {
    pages.put(id, write(out -> PackedState.write(page, out)));
  }

  @Override
  public void removePage(long id) {
    pages.remove(id);
  }

  @Override
  public Entries bucket(long id) {
    return read(buckets.get(id), PackedState::readEntries);
  }

  @Override
  public void putBucket(long id, Entries entries) {
    buckets.put(id, write(out -> PackedState.write(entries, out)));
  }

  @Override
  public void removeBucket(long id) {
    buckets.remove(id);
  }

  /** The state as it comes back from bytes. */
  static EntityState stored(EntityState state) {
    return read(write(out -> PackedState.write(state, out)), PackedState::readState);
  }

  interface Writer {
    void write(DataOutputSerializer out) throws IOException;
  }

  private interface Reader<T> {
    T read(DataInputDeserializer in) throws IOException;
  }

  static byte[] write(Writer writer) {
    DataOutputSerializer out = new DataOutputSerializer(64);
    try {
      writer.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.getCopyOfBuffer();
  }

  private static <T> T read(byte[] bytes, Reader<T> reader) {
    if (bytes == null) {
      return null;
    }
    DataInputDeserializer in = new DataInputDeserializer(bytes);
    try {
      T value = reader.read(in);
      if (in.available() > 0) {
        throw new IllegalStateException(in.available() + " bytes were not read");
      }
      return value;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
