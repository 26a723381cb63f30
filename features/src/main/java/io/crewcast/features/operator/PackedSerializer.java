package io.crewcast.features.operator;

import io.crewcast.features.window.DayPage;
import io.crewcast.features.window.EntityState;
import io.crewcast.features.window.Entries;
import io.crewcast.features.window.PackedState;
import java.io.IOException;
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

  /** What an entity needs at every change. */
  static final class OfState extends PackedSerializer<EntityState> {
    static final OfState INSTANCE = new OfState();

    @Override
    public EntityState createInstance() {
      return PackedState.noState();
    }

    @Override
    public void serialize(EntityState state, DataOutputView out) throws IOException {
      PackedState.write(state, out);
    }

    @Override
    public EntityState deserialize(DataInputView in) throws IOException {
      return PackedState.readState(in);
    }

    @Override
    public TypeSerializerSnapshot<EntityState> snapshotConfiguration() {
      return new StateSnapshot();
    }
  }

  /** A day of facts. */
  static final class OfPage extends PackedSerializer<DayPage> {
    static final OfPage INSTANCE = new OfPage();

    @Override
    public DayPage createInstance() {
      return PackedState.noPage();
    }

    @Override
    public void serialize(DayPage page, DataOutputView out) throws IOException {
      PackedState.write(page, out);
    }

    @Override
    public DayPage deserialize(DataInputView in) throws IOException {
      return PackedState.readPage(in);
    }

    @Override
    public TypeSerializerSnapshot<DayPage> snapshotConfiguration() {
      return new PageSnapshot();
    }
  }

  /** Keys that are too many to lie with the entity. */
  static final class OfEntries extends PackedSerializer<Entries> {
    static final OfEntries INSTANCE = new OfEntries();

    @Override
    public Entries createInstance() {
      return PackedState.noEntries();
    }

    @Override
    public void serialize(Entries entries, DataOutputView out) throws IOException {
      PackedState.write(entries, out);
    }

    @Override
    public Entries deserialize(DataInputView in) throws IOException {
      return PackedState.readEntries(in);
    }

    @Override
    public TypeSerializerSnapshot<Entries> snapshotConfiguration() {
      return new EntriesSnapshot();
    }
  }

  /** Flink makes it by its name. */
  public static final class StateSnapshot extends SimpleTypeSerializerSnapshot<EntityState> {
    public StateSnapshot() {
      super(() -> OfState.INSTANCE);
    }
  }

  /** Flink makes it by its name. */
  public static final class PageSnapshot extends SimpleTypeSerializerSnapshot<DayPage> {
    public PageSnapshot() {
      super(() -> OfPage.INSTANCE);
    }
  }

  /** Flink makes it by its name. */
  public static final class EntriesSnapshot extends SimpleTypeSerializerSnapshot<Entries> {
    public EntriesSnapshot() {
      super(() -> OfEntries.INSTANCE);
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
