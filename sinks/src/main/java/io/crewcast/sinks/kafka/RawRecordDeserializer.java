package io.crewcast.sinks.kafka;

import io.crewcast.schemas.stream.RawRecord;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Takes records as the broker gave them, so that what cannot be read is not lost in the source. */
public final class RawRecordDeserializer implements KafkaRecordDeserializationSchema<RawRecord> {

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<RawRecord> out) {
    RawRecord raw = new RawRecord();
    raw.setTopic(record.topic());
    raw.setPartition(record.partition());
    raw.setOffset(record.offset());
    raw.setAppendedAt(Instant.ofEpochMilli(record.timestamp()));
    if (record.key() != null) {
      raw.setKey(ByteBuffer.wrap(record.key()));
    }
    if (record.value() != null) {
      raw.setValue(ByteBuffer.wrap(record.value()));
    }
    out.collect(raw);
  }

  @Override
  public TypeInformation<RawRecord> getProducedType() {
    return new AvroTypeInfo<>(RawRecord.class);
  }
}
