package io.crewcast.sinks.parquet;

import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Arrival;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.data.TimeConversions;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificData;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.file.src.FileSourceSplit;
import org.apache.flink.connector.file.src.reader.BulkFormat;
import org.apache.flink.connector.file.src.util.CheckpointedPosition;
import org.apache.flink.connector.file.src.util.IteratorResultIterator;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.formats.parquet.ParquetInputFile;
import org.apache.parquet.avro.AvroParquetReader;
import org.apache.parquet.avro.AvroReadSupport;
import org.apache.parquet.hadoop.ParquetReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads a file of {@code work_events}, written with these columns or with earlier ones, some rows
 * at a time: Flink's own format takes a row group for a batch, which is too much in memory.
 */
final class EventArchiveFormat implements BulkFormat<Arrival, FileSourceSplit> {

  private static final int ROWS = 1_000;

  @Override
  public Reader createReader(Configuration unused, FileSourceSplit split) throws IOException {
    return new Reader(split);
  }

  @Override
  public Reader restoreReader(Configuration unused, FileSourceSplit split) throws IOException {
    Reader reader = new Reader(split);
    reader.skip(
        split.getReaderPosition().map(CheckpointedPosition::getRecordsAfterOffset).orElse(0L));
    return reader;
  }

  @Override
  public boolean isSplittable() {
    return false;
  }

  @Override
  public TypeInformation<Arrival> getProducedType() {
    return new AvroTypeInfo<>(Arrival.class);
  }

  /** Over one file. */
  static final class Reader implements BulkFormat.Reader<Arrival> {
    private final FSDataInputStream in;
    private final ParquetReader<GenericRecord> rows;
    private long read;

    private Reader(FileSourceSplit split) throws IOException {
      FileSystem fileSystem = split.path().getFileSystem();
      in = fileSystem.open(split.path());
      Schema columns = LakeTables.workEvents().rows();
      var parquet = new org.apache.hadoop.conf.Configuration(false);
      AvroReadSupport.setAvroReadSchema(parquet, columns);
      SpecificData model = new SpecificData(WorkEvent.class.getClassLoader());
      model.addLogicalTypeConversion(new TimeConversions.TimestampMicrosConversion());
      rows =
          AvroParquetReader.<GenericRecord>builder(new ParquetInputFile(in, split.fileSize()))
              .withDataModel(model)
              .withConf(parquet)
              .build();
    }

    private void skip(long count) throws IOException {
      while (read < count && rows.read() != null) {
        read++;
      }
    }

    @Override
    public BulkFormat.@Nullable RecordIterator<Arrival> readBatch() throws IOException {
      List<Arrival> arrivals = new ArrayList<>(ROWS);
      for (GenericRecord row; arrivals.size() < ROWS && (row = rows.read()) != null; ) {
        arrivals.add(LakeTables.arrival(row));
      }
      if (arrivals.isEmpty()) {
        return null;
      }
      long before = read;
      read += arrivals.size();
      return new IteratorResultIterator<>(
          arrivals.iterator(), CheckpointedPosition.NO_OFFSET, before);
    }

    @Override
    public void close() throws IOException {
      rows.close();
      in.close();
    }
  }
}
