package io.crewcast.sinks.parquet;

import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;

import io.crewcast.sinks.parquet.StagingFile.Run;
import java.io.IOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FSDataOutputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystem.WriteMode;
import org.apache.flink.core.fs.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.avro.AvroParquetWriter;
import org.apache.parquet.avro.AvroSchemaConverter;
import org.apache.parquet.avro.AvroWriteSupport;
import org.apache.parquet.bytes.DirectByteBufferAllocator;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.CodecFactory;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns staged rows into one Parquet file a day. A file gets its name when it is complete; a
 * publication that is tried again leaves the files alone that it has made already.
 */
final class LakePublisher implements Committer<Publication> {

  private static final Logger LOG = LoggerFactory.getLogger(LakePublisher.class);
  private static final long ROW_GROUP_BYTES = 64L << 20;
  private static final Configuration PARQUET = new Configuration(false);

  /** Made once: it looks all over the class path for conversions. */
  private static final GenericData MODEL = new GenericData();

  static {
    PARQUET.setBoolean(AvroWriteSupport.WRITE_OLD_LIST_STRUCTURE, false);
  }

  private final Path folder;
  private final Schema rows;
  private final List<String> textColumns;

  private final CompressionCodecFactory codecs =
      CodecFactory.createDirectCodecFactory(PARQUET, DirectByteBufferAllocator.getInstance(), 0);

  LakePublisher(Path folder, Schema rows) {
    this.folder = folder;
    this.rows = rows;
    this.textColumns =
        new AvroSchemaConverter(PARQUET)
            .convert(rows).getColumns().stream()
                .filter(column -> column.getPrimitiveType().getPrimitiveTypeName() == BINARY)
                .map(column -> String.join(".", column.getPath()))
                .toList();
  }

  /** Where a run stands. */
  private record Place(FSDataInputStream in, Run run, GenericDatumReader<GenericRecord> reader) {}

  @Override
  public void commit(Collection<CommitRequest<Publication>> requests) throws IOException {
    for (CommitRequest<Publication> request : requests) {
      publish(request.getCommittable());
    }
  }

  void publish(Publication publication) throws IOException {
    FileSystem files = folder.getFileSystem();
    List<FSDataInputStream> open = new ArrayList<>();
    try {
      SortedMap<Integer, List<Place>> days = new TreeMap<>();
      for (StagedFile staged : publication.staged()) {
        if (!files.exists(staged.path())) {
          // staged files go only after all that they held was published
          LOG.info("{} was published before, as {}", staged.path(), publication.id());
          continue;
        }
        FSDataInputStream in = files.open(staged.path());
        open.add(in);
        StagingFile.Index index = StagingFile.index(in, staged.bytes());
        var reader = new GenericDatumReader<GenericRecord>(index.schema(), rows, MODEL);
        for (Run run : index.runs()) {
          days.computeIfAbsent(run.day(), day -> new ArrayList<>()).add(new Place(in, run, reader));
        }
      }
      for (Map.Entry<Integer, List<Place>> day : days.entrySet()) {
        publishDay(files, publication.id(), LocalDate.ofEpochDay(day.getKey()), day.getValue());
      }
    } finally {
      for (FSDataInputStream in : open) {
        in.close();
      }
    }
    for (StagedFile staged : publication.staged()) {
      files.delete(staged.path(), false);
    }
  }

  private void publishDay(FileSystem files, String id, LocalDate day, List<Place> places)
      throws IOException {
    Path partition = new Path(folder, "date=" + day);
    Path published = new Path(partition, id + ".parquet");
    if (files.exists(published)) {
      return;
    }
    Path hidden = new Path(partition, '.' + id + ".inprogress");
    try (FSDataOutputStream out = files.create(hidden, WriteMode.OVERWRITE)) {
      ParquetWriter<GenericRecord> parquet = parquet(out);
      for (Place place : places) {
        copy(place, parquet);
      }
      parquet.close();
    }
    if (!files.rename(hidden, published)) {
      throw new IOException("Cannot rename %s to %s".formatted(hidden, published));
    }
  }

  /** Numbers seldom repeat within a day, so that only text is worth a dictionary. */
  private ParquetWriter<GenericRecord> parquet(FSDataOutputStream out) throws IOException {
    var builder =
        AvroParquetWriter.<GenericRecord>builder(new ParquetOutput(out))
            .withSchema(rows)
            .withDataModel(MODEL)
            .withConf(PARQUET)
            .withCompressionCodec(CompressionCodecName.ZSTD)
            .withCodecFactory(codecs)
            .withRowGroupSize(ROW_GROUP_BYTES)
            .withDictionaryEncoding(false);
    for (String column : textColumns) {
      builder.withDictionaryEncoding(column, true);
    }
    return builder.build();
  }

  private static void copy(Place place, ParquetWriter<GenericRecord> parquet) throws IOException {
    byte[] bytes = new byte[place.run().bytes()];
    place.in().seek(place.run().offset());
    if (place.in().readNBytes(bytes, 0, bytes.length) < bytes.length) {
      throw new IOException("A staged file ends before its index says");
    }
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, null);
    GenericRecord row = null;
    for (int i = 0; i < place.run().rows(); i++) {
      row = place.reader().read(row, decoder);
      parquet.write(row);
    }
  }

  @Override
  public void close() {}
}
