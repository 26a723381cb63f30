package io.crewcast.sinks.parquet;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;

/**
 * Rows of any number of days in one open file: runs of Avro rows of one day, then their schema and
 * an index of the runs. Writing takes memory for {@code BUFFER_BYTES}, however many days there are;
 * an open Parquet file a day would take a hundred kilobytes each.
 */
final class StagingFile {

  private static final int BUFFER_BYTES = 16 << 20;

  private final Path path;
  private final Schema schema;
  private final Map<Integer, Rows> buffers = new TreeMap<>();
  private final List<Run> runs = new ArrayList<>();
  private final FSDataOutputStream out;
  private int buffered;

  /**
   * What a staged file holds.
   *
   * @param schema of its rows, which a job that publishes them later may have changed
   */
  record Index(Schema schema, List<Run> runs) {}

  /** Rows of one day that stand together. */
  record Run(int day, long offset, int bytes, int rows) {}

  /** Rows of one day that are not on disk yet. */
  private static final class Rows extends ByteArrayOutputStream {
    private int rows;
  }

  /** Appends one row in Avro's binary encoding. */
  interface Row {
    void appendTo(ByteArrayOutputStream out);
  }

  StagingFile(Path path, Schema schema) throws IOException {
    this.path = path;
    this.schema = schema;
    this.out = path.getFileSystem().create(path, WriteMode.NO_OVERWRITE);
  }

  void append(int day, Row row) throws IOException {
    Rows rows = buffers.computeIfAbsent(day, newDay -> new Rows());
    int before = rows.size();
    row.appendTo(rows);
    rows.rows++;
    buffered += rows.size() - before;
    if (buffered >= BUFFER_BYTES) {
      spill();
    }
  }

  private void spill() throws IOException {
    for (Map.Entry<Integer, Rows> day : buffers.entrySet()) {
      Rows rows = day.getValue();
      runs.add(new Run(day.getKey(), out.getPos(), rows.size(), rows.rows));
      rows.writeTo(out);
    }
    buffers.clear();
    buffered = 0;
  }

  /** Writes what is buffered and the index, and makes it durable. */
  StagedFile close(long nowMillis) throws IOException {
    spill();
    long indexAt = out.getPos();
    DataOutputStream index = new DataOutputStream(new BufferedOutputStream(out));
    byte[] text = schema.toString().getBytes(StandardCharsets.UTF_8);
    index.writeInt(text.length);
    index.write(text);
    index.writeInt(runs.size());
    for (Run run : runs) {
      index.writeInt(run.day());
      index.writeLong(run.offset());
      index.writeInt(run.bytes());
      index.writeInt(run.rows());
    }
    index.writeLong(indexAt);
    index.flush();
    long length = out.getPos();
    out.sync();
    out.close();
    return new StagedFile(path, length, nowMillis);
  }

  /** Closes and deletes what was not staged. */
  void discard() throws IOException {
    out.close();
    path.getFileSystem().delete(path, false);
  }

  /** The index of a staged file. */
  static Index index(FSDataInputStream in, long length) throws IOException {
    in.seek(length - Long.BYTES);
    in.seek(new DataInputStream(in).readLong());
    var data = new DataInputStream(new BufferedInputStream(in));
    byte[] text = new byte[data.readInt()];
    data.readFully(text);
    int size = data.readInt();
    List<Run> runs = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      runs.add(new Run(data.readInt(), data.readLong(), data.readInt(), data.readInt()));
    }
    return new Index(new Schema.Parser().parse(new String(text, StandardCharsets.UTF_8)), runs);
  }
}
