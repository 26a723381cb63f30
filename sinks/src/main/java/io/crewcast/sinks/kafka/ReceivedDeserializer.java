package io.crewcast.sinks.kafka;

import io.crewcast.schemas.serde.ReceivedDecoder;
import io.crewcast.schemas.stream.Received;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Decodes in the source, because watermarks are made there and need the record's time. */
public final class ReceivedDeserializer implements KafkaRecordDeserializationSchema<Received> {

  private final ReceivedDecoder decoder;

  public ReceivedDeserializer(ReceivedDecoder decoder) {
    this.decoder = decoder;
  }

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Received> out) {
    out.collect(decoder.decode(RawRecordDeserializer.raw(record)));
  }

  @Override
  public TypeInformation<Received> getProducedType() {
    return new AvroTypeInfo<>(Received.class);
  }
}
