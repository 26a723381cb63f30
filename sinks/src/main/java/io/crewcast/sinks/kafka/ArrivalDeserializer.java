package io.crewcast.sinks.kafka;

import io.crewcast.schemas.serde.WorkEventDecoder;
import io.crewcast.schemas.serde.WorkEventDecoder.Decoded;
import io.crewcast.schemas.serde.WorkEventDecoder.Rejected;
import io.crewcast.schemas.serde.WorkEventDecoder.Valid;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.RawRecord;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Decodes in the source, because watermarks are made there and need {@code recorded_at}. What
 * cannot be decoded arrives with the reason instead of an event.
 */
public final class ArrivalDeserializer implements KafkaRecordDeserializationSchema<Arrival> {

  private final WorkEventDecoder decoder;

  public ArrivalDeserializer(WorkEventDecoder decoder) {
    this.decoder = decoder;
  }

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Arrival> out) {
    RawRecord raw = RawRecordDeserializer.raw(record);
    Decoded decoded = decoder.decode(raw);
    if (decoded instanceof Rejected rejected) {
      out.collect(new Arrival(raw, null, rejected.deadLetter()));
    } else if (decoded instanceof Valid valid) {
      out.collect(new Arrival(raw, valid.event(), null));
    }
  }

  @Override
  public TypeInformation<Arrival> getProducedType() {
    return new AvroTypeInfo<>(Arrival.class);
  }
}
