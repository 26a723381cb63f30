package io.crewcast.local.ingest;

import io.crewcast.schemas.WorkEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * One event that a row may become: when it does, and where each field of the contract comes from.
 */
record EventTemplate(
    String kind,
    Predicate<Row> condition,
    @Nullable Template oncePer,
    List<Slot> envelope,
    List<Slot> payload) {
  private static final Set<String> KEYS =
      new TreeSet<>(
          Set.of(
              "kind",
              "where",
              "where_not",
              "once_per",
              "event_id",
              "company_id",
              "occurred_at",
              "recorded_at",
              "voided",
              "source",
              "payload"));

  /**
   * Checks one event of a mapping against the contract and the columns of its file.
   *
   * @param inherited envelope fields that the file or the mapping gives for all its events
   */
  static EventTemplate parse(
      Setting setting, Map<String, Setting> inherited, ValueParser values, Set<String> columns) {
    Map<String, Setting> entries = setting.entries(KEYS);
    Setting kind = need(setting, entries, "kind");
    Schema type = ContractSchema.PAYLOADS.get(kind.text());
    if (type == null) {
      throw kind.fault(
          "`"
              + kind.text()
              + "` is no kind of event; use one of "
              + ContractSchema.PAYLOADS.keySet());
    }
    Map<String, Setting> given = new LinkedHashMap<>(inherited);
    given.putAll(entries);
    given.keySet().removeAll(Set.of("kind", "where", "where_not", "once_per", "payload"));
    Setting oncePer = entries.get("once_per");
    return new EventTemplate(
        kind.text(),
        Condition.parse(entries.get("where"), entries.get("where_not"), columns),
        oncePer == null ? null : Template.parse(oncePer, columns),
        fields("event", setting, given, WorkEvent.getClassSchema(), Set.of("payload"), values),
        fields(
            kind.text(),
            setting,
            need(setting, entries, "payload").entries(),
            type,
            Set.of(),
            values));
  }

  static Setting need(Setting place, Map<String, Setting> entries, String key) {
    Setting found = entries.get(key);
    if (found == null) {
      throw place.fault("`" + key + "` is missing; add it");
    }
    return found;
  }

  /** One field of a record: where its value comes from, and what stands there without one. */
  record Slot(
      String name, int position, boolean required, Value value, @Nullable Object otherwise) {}

  private static List<Slot> fields(
      String record,
      Setting place,
      Map<String, Setting> given,
      Schema schema,
      Set<String> apart,
      ValueParser values) {
    given.forEach(
        (name, setting) -> {
          if (schema.getField(name) == null) {
            throw setting.fault(
                "`%s` is no field of %s; it has %s"
                    .formatted(
                        name,
                        record,
                        String.join(
                            ", ", schema.getFields().stream().map(Schema.Field::name).toList())));
          }
        });
    List<Slot> slots = new ArrayList<>();
    for (Schema.Field field : schema.getFields()) {
      if (apart.contains(field.name())) {
        continue;
      }
      Setting setting = given.get(field.name());
      if (setting == null && !field.hasDefaultValue()) {
        throw place.fault(record + " needs `" + field.name() + "`: " + field.doc());
      }
      String name = record + "." + field.name();
      Value value = setting == null ? row -> null : values.parse(name, setting, field.schema());
      Object otherwise = field.hasDefaultValue() ? SpecificData.get().getDefaultValue(field) : null;
      boolean required = otherwise == null && !field.schema().isNullable();
      slots.add(new Slot(name, field.pos(), required, value, otherwise));
    }
    return slots;
  }

  /**
   * The event of a row. Ids, dates and numbers must be readable; whether they are plausible is the
   * job's to say.
   */
  WorkEvent form(Row row) {
    WorkEvent event = new WorkEvent();
    fill(event, envelope, row);
    Instant occurredAt = event.getOccurredAt();
    if (event.getRecordedAt() == null) {
      event.setRecordedAt(occurredAt);
    }
    SpecificRecord record = (SpecificRecord) SpecificData.get().newRecord(null, payloadSchema());
    fill(record, payload, row);
    event.setPayload(record);
    return event;
  }

  private Schema payloadSchema() {
    Schema schema = ContractSchema.PAYLOADS.get(kind);
    if (schema == null) {
      throw new IllegalStateException("kind was checked before");
    }
    return schema;
  }

  private static void fill(SpecificRecord record, List<Slot> slots, Row row) {
    for (Slot slot : slots) {
      Object found = slot.value().of(row);
      if (found == null && slot.required()) {
        throw new UnusableRowException(slot.name() + ": the row has no value for it");
      }
      record.put(slot.position(), found == null ? slot.otherwise() : found);
    }
  }
}
