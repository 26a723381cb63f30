package io.crewcast.sinks.parquet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/** Publications in checkpoints; also what a writer has staged, as a publication without a name. */
final class PublicationSerializer implements SimpleVersionedSerializer<Publication> {

  private static final int VERSION = 1;

  @Override
  public int getVersion() {
    return VERSION;
  }

  @Override
  public byte[] serialize(Publication publication) throws IOException {
    DataOutputSerializer out = new DataOutputSerializer(256);
    out.writeUTF(publication.id());
    out.writeInt(publication.staged().size());
    for (StagedFile file : publication.staged()) {
      out.writeUTF(file.path().toString());
      out.writeLong(file.bytes());
      out.writeLong(file.stagedAtMillis());
    }
    return out.getCopyOfBuffer();
  }

  @Override
  public Publication deserialize(int version, byte[] serialized) throws IOException {
    if (version != VERSION) {
      throw new IOException("Publications of version " + version + " are not known");
    }
    DataInputDeserializer in = new DataInputDeserializer(serialized);
    String id = in.readUTF();
    int size = in.readInt();
    List<StagedFile> staged = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      staged.add(new StagedFile(new Path(in.readUTF()), in.readLong(), in.readLong()));
    }
    return new Publication(id, staged);
  }
}
