package io.crewcast.sinks.kafka;

import io.crewcast.schemas.serde.RefusedEventDecoder;
import io.crewcast.schemas.serde.SchemaRegistry;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.serde.WorkEventDecoder;
import io.crewcast.schemas.stream.Arrival;
import java.io.IOException;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads work events as the job does that scores them, and of the dead letters those of events that
 * it refused after it had read them: these arrive with both, event and fault.
 */
final class WatchedEventDeserializer implements KafkaRecordDeserializationSchema<Arrival> {

  private final ArrivalDeserializer events;
  private final RefusedEventDecoder refused;

  WatchedEventDeserializer(WorkEventDecoder decoder, SchemaRegistry registry) {
    events = new ArrivalDeserializer(decoder);
    refused = new RefusedEventDecoder(registry, decoder);
  }

  @Override
  public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Arrival> out)
      throws IOException {
    if (record.topic().equals(Topic.WORK_EVENTS.topicName())) {
      events.deserialize(record, out);
    } else {
      refused.decode(RawRecordDeserializer.raw(record)).ifPresent(out::collect);
    }
  }

  @Override
  public TypeInformation<Arrival> getProducedType() {
    return events.getProducedType();
  }
}
