package io.crewcast.features.operator;

import io.crewcast.features.window.PackedState;
import io.crewcast.schemas.state.EntityHeader;
import io.crewcast.schemas.state.TilePage;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.util.FlinkRuntimeException;

/** {@link PackedState} as Flink's state backends ask for it. */
abstract class PackedSerializer<T> extends TypeSerializerSingleton<T> {

  /** The header of an entity. */
  static final class OfHeader extends PackedSerializer<EntityHeader> {
    static final OfHeader INSTANCE = new OfHeader();

    @Override
    public EntityHeader createInstance() {
      return new EntityHeader();
    }

    @Override
    public void serialize(EntityHeader header, DataOutputView out) throws IOException {
      PackedState.write(header, out);
    }

    @Override
    public EntityHeader deserialize(DataInputView in) throws IOException {
      return PackedState.readHeader(in);
    }

    @Override
    public TypeSerializerSnapshot<EntityHeader> snapshotConfiguration() {
      return new HeaderSnapshot();
    }
  }

  /** A page of tiles. */
  static final class OfPage extends PackedSerializer<TilePage> {
    static final OfPage INSTANCE = new OfPage();

    @Override
    public TilePage createInstance() {
      return new TilePage(List.of());
    }

    @Override
    public void serialize(TilePage page, DataOutputView out) throws IOException {
      PackedState.write(page, out);
    }

    @Override
    public TilePage deserialize(DataInputView in) throws IOException {
      return PackedState.readPage(in);
    }

    @Override
    public TypeSerializerSnapshot<TilePage> snapshotConfiguration() {
      return new PageSnapshot();
    }
  }

  /** Sums under a key. */
  static final class OfSums extends PackedSerializer<List<Long>> {
    static final OfSums INSTANCE = new OfSums();

    @Override
    public List<Long> createInstance() {
      return List.of();
    }

    @Override
    public void serialize(List<Long> sums, DataOutputView out) throws IOException {
      PackedState.writeSums(sums, out);
    }

    @Override
    public List<Long> deserialize(DataInputView in) throws IOException {
      return PackedState.readSums(in);
    }

    @Override
    public TypeSerializerSnapshot<List<Long>> snapshotConfiguration() {
      return new SumsSnapshot();
    }
  }

  /** Flink makes it by its name. */
  public static final class HeaderSnapshot extends SimpleTypeSerializerSnapshot<EntityHeader> {
    public HeaderSnapshot() {
      super(() -> OfHeader.INSTANCE);
    }
  }

  /** Flink makes it by its name. */
  public static final class PageSnapshot extends SimpleTypeSerializerSnapshot<TilePage> {
    public PageSnapshot() {
      super(() -> OfPage.INSTANCE);
    }
  }

  /** Flink makes it by its name. */
  public static final class SumsSnapshot extends SimpleTypeSerializerSnapshot<List<Long>> {
    public SumsSnapshot() {
      super(() -> OfSums.INSTANCE);
    }
  }

  @Override
  public boolean isImmutableType() {
    return false;
  }

  @Override
  public T copy(T from) {
    try {
      DataOutputSerializer out = new DataOutputSerializer(512);
      serialize(from, out);
      return deserialize(new DataInputDeserializer(out.getSharedBuffer(), 0, out.length()));
    } catch (IOException e) {
      throw new FlinkRuntimeException("state cannot be copied", e);
    }
  }

  @Override
  public T copy(T from, T reuse) {
    return copy(from);
  }

  @Override
  public int getLength() {
    return -1;
  }

  @Override
  public T deserialize(T reuse, DataInputView in) throws IOException {
    return deserialize(in);
  }

  @Override
  public void copy(DataInputView in, DataOutputView out) throws IOException {
    serialize(deserialize(in), out);
  }
}
