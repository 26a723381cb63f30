package io.crewcast.schemas.expression;

import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Fact;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a fact by name, as expressions see them: those of its payload and {@code event_id},
 * {@code company_id}, {@code source}, {@code occurred_at}, {@code recorded_at} and {@code
 * local_date}. Over its versions a task also has {@code started_at}, {@code reassignments}, {@code
 * reopenings}, {@code status_since} and, for each status, such as {@code blocked_minutes}, the time
 * that it was in it until now; a project has {@code scope_changes}. A request has the payload
 * fields of the task that it is about.
 *
 * <p>By {@code origin} and {@code origin_phase} defects are told apart by the work that made them:
 * of a task, or a request about one, these are component and phase, and the phase alone; of a
 * defect the same of the phase that it was injected in.
 */
public final class FactFields {

  private static final double MICROS_A_MINUTE = 60e6;

  private interface Reader {
    @Nullable Object read(Fact fact);
  }

  private record Field(ValueType type, Reader reader) {}

  private static final Map<FactKind, Map<String, Field>> FIELDS = new EnumMap<>(FactKind.class);

  static {
    for (FactKind kind : FactKind.values()) {
      FIELDS.put(kind, fieldsOf(kind));
    }
  }

  private FactFields() {}

  /** Names and types of the fields of one kind of fact, in the order of its schema. */
  public static Map<String, ValueType> types(FactKind kind) {
    Map<String, ValueType> types = new LinkedHashMap<>();
    fields(kind).forEach((name, field) -> types.put(name, field.type()));
    return types;
  }

  /**
   * An expression over such fields, as it is.
   *
   * @throws InvalidExpressionException when it compares a field of a few values with another text
   */
  public static Expression checked(Expression expression, FactKind kind) {
    expression
        .comparedTexts()
        .forEach(
            (name, texts) -> {
              List<String> values = values(kind, name);
              for (String text : texts) {
                if (!values.isEmpty() && !values.contains(text)) {
                  throw new InvalidExpressionException(
                      "'%s': no %s is '%s'; %s"
                          .formatted(
                              expression.source(), name, text, NearestNames.to(text, values)));
                }
              }
            });
    return expression;
  }

  /** All that a field can be; empty where it can be anything. */
  private static List<String> values(FactKind kind, String name) {
    Schema.Field field = kind.schema().getField(name);
    if (field == null) {
      return List.of();
    }
    Schema schema = field.schema();
    return Stream.concat(
            Stream.of(schema),
            schema.getType() == Schema.Type.UNION ? schema.getTypes().stream() : Stream.of())
        .filter(branch -> branch.getType() == Schema.Type.ENUM)
        .flatMap(branch -> branch.getEnumSymbols().stream())
        .toList();
  }

  /**
   * The value of a field: Long, Double, Boolean, String, a list of strings, or microseconds for an
   * instant; null when missing or unknown to this kind of fact.
   */
  public static @Nullable Object value(Fact fact, String name) {
    Field field = fields(FactKind.of(fact.getEvent())).get(name);
    return field == null ? null : field.reader().read(fact);
  }

  private static Map<String, Field> fields(FactKind kind) {
    Map<String, Field> fields = FIELDS.get(kind);
    if (fields == null) {
      throw new IllegalStateException("no fields for " + kind);
    }
    return fields;
  }

  private static Map<String, Field> fieldsOf(FactKind kind) {
    Map<String, Field> fields = new LinkedHashMap<>();
    for (Schema.Field field : kind.schema().getFields()) {
      ValueType type = typeOf(field.schema());
      if (type != null) {
        int position = field.pos();
        fields.put(
            field.name(),
            new Field(
                type,
                fact -> plain(((SpecificRecord) fact.getEvent().getPayload()).get(position))));
      }
    }
    if (kind == FactKind.TASK) {
      fields.put("started_at", new Field(ValueType.INSTANT, fact -> plain(fact.getStartedAt())));
      fields.put("reassignments", new Field(ValueType.LONG, Fact::getReassignments));
      fields.put("reopenings", new Field(ValueType.LONG, Fact::getReopenings));
      fields.put(
          "status_since", new Field(ValueType.INSTANT, fact -> plain(fact.getStatusSince())));
      for (TaskStatus status : TaskStatus.values()) {
        fields.put(
            status.name().toLowerCase(Locale.ROOT) + "_minutes",
            new Field(ValueType.DOUBLE, fact -> minutesIn(fact, status)));
      }
    } else if (kind == FactKind.PROJECT) {
      fields.put("scope_changes", new Field(ValueType.LONG, Fact::getScopeChanges));
    } else if (kind == FactKind.PREDICTION_REQUESTED) {
      fieldsOfTheTask().forEach(fields::putIfAbsent);
    }
    Field component = fields.get("component_id");
    Field phase = fields.get(kind == FactKind.DEFECT ? "injected_phase" : "phase");
    if (component != null && phase != null) {
      fields.put("origin_phase", phase);
      fields.put("origin", new Field(ValueType.STRING, fact -> origin(fact, component, phase)));
    }
    fields.put("event_id", text(WorkEvent::getEventId));
    fields.put("company_id", text(WorkEvent::getCompanyId));
    fields.put("source", text(WorkEvent::getSource));
    fields.put(
        "occurred_at",
        new Field(ValueType.INSTANT, fact -> plain(fact.getEvent().getOccurredAt())));
    fields.put(
        "recorded_at",
        new Field(ValueType.INSTANT, fact -> plain(fact.getEvent().getRecordedAt())));
    fields.put(
        "local_date",
        text(event -> event.getOccurredAt().atZone(ZoneOffset.UTC).toLocalDate().toString()));
    return fields;
  }

  /** Those of the task that a request is about. */
  private static Map<String, Field> fieldsOfTheTask() {
    Map<String, Field> fields = new LinkedHashMap<>();
    for (Schema.Field field : FactKind.TASK.schema().getFields()) {
      ValueType type = typeOf(field.schema());
      if (type != null) {
        int position = field.pos();
        fields.put(field.name(), new Field(type, fact -> ofTheTask(fact, position)));
      }
    }
    return fields;
  }

  private static @Nullable Object ofTheTask(Fact fact, int position) {
    Task task = ((PredictionRequested) fact.getEvent().getPayload()).getTask();
    return task == null ? null : plain(task.get(position));
  }

  /** A component's id has no control characters, so that no two origins are alike. */
  private static @Nullable String origin(Fact fact, Field component, Field phase) {
    Object of = component.reader().read(fact);
    Object in = phase.reader().read(fact);
    return of == null || in == null ? null : of + "\n" + in;
  }

  private static double minutesIn(Fact fact, TaskStatus status) {
    return fact.getStatusMicros().getOrDefault(status.name(), 0L) / MICROS_A_MINUTE;
  }

  private static Field text(java.util.function.Function<WorkEvent, String> read) {
    return new Field(ValueType.STRING, fact -> read.apply(fact.getEvent()));
  }

  private static @Nullable Object plain(@Nullable Object value) {
    if (value instanceof Instant instant) {
      return Instants.micros(instant);
    }
    return value instanceof Enum<?> constant ? constant.name() : value;
  }

  private static @Nullable ValueType typeOf(Schema schema) {
    return switch (schema.getType()) {
      case UNION ->
          schema.getTypes().stream()
              .filter(branch -> branch.getType() != Schema.Type.NULL)
              .findFirst()
              .map(FactFields::typeOf)
              .orElse(null);
      case LONG -> schema.getLogicalType() == null ? ValueType.LONG : ValueType.INSTANT;
      case DOUBLE -> ValueType.DOUBLE;
      case BOOLEAN -> ValueType.BOOLEAN;
      case STRING, ENUM -> ValueType.STRING;
      case ARRAY ->
          schema.getElementType().getType() == Schema.Type.STRING ? ValueType.STRINGS : null;
      default -> null;
    };
  }
}
