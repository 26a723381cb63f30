package io.crewcast.schemas.serde;

import static io.crewcast.schemas.DeadLetterReason.CORRUPT_PAYLOAD;
import static io.crewcast.schemas.DeadLetterReason.DATE_OUT_OF_RANGE;
import static io.crewcast.schemas.DeadLetterReason.FUTURE;
import static io.crewcast.schemas.DeadLetterReason.INCOMPATIBLE_SCHEMA;
import static io.crewcast.schemas.DeadLetterReason.INVALID_ID;
import static io.crewcast.schemas.DeadLetterReason.LATE;
import static io.crewcast.schemas.DeadLetterReason.MISSING_ID;
import static io.crewcast.schemas.DeadLetterReason.NOT_AVRO;
import static io.crewcast.schemas.DeadLetterReason.NULL_VALUE;
import static io.crewcast.schemas.DeadLetterReason.OUT_OF_RANGE;
import static io.crewcast.schemas.DeadLetterReason.UNKNOWN_SCHEMA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.DeadLetter;
import io.crewcast.schemas.DeadLetterReason;
import io.crewcast.schemas.Defect;
import io.crewcast.schemas.EntityRef;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.Observation;
import io.crewcast.schemas.PairId;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.Task;
import io.crewcast.schemas.TaskStatus;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.serde.WorkEventDecoder.Rejected;
import io.crewcast.schemas.serde.WorkEventDecoder.Valid;
import io.crewcast.schemas.stream.RawRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericRecordBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class WorkEventDecoderTest {

  private static final Instant OCCURRED = Instant.parse("2026-03-02T16:30:00.123456Z");
  private static final Instant APPENDED = Instant.parse("2026-03-02T17:00:00Z");
  private static final Duration LATE_AFTER = Duration.ofDays(366);

  private RegistryOfTheTest server;
  private SchemaRegistry registry;
  private WorkEventDecoder decoder;
  private RecordEncoder encoder;

  @BeforeEach
  void start() throws IOException {
    server = new RegistryOfTheTest();
    registry = new SchemaRegistry(server.url(), Duration.ofMillis(300));
    decoder = new WorkEventDecoder(registry, LATE_AFTER);
    encoder = RecordEncoder.of(Topic.WORK_EVENTS, registry);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void readsAnEventAndTakesItsOccurrenceForItsRecordingWhereNoneIsGiven() {
    WorkEvent event = event(entry());

    assertThat(decoder.decode(raw(encoder.encode(event))))
        .isEqualTo(new Valid(WorkEvent.newBuilder(event).setRecordedAt(OCCURRED).build()));
  }

  @Test
  void readsWhatAnOlderAndANewerVersionOfTheSchemaWrote() {
    Schema newer = with(WorkEvent.getClassSchema(), "shift", Schema.Type.STRING);
    var record = new GenericRecordBuilder(newer);
    WorkEvent event = event(entry());
    WorkEvent.getClassSchema().getFields().forEach(f -> record.set(f.name(), event.get(f.pos())));
    record.set("shift", "night");
    byte[] value =
        new RecordEncoder(registry.register(Topic.WORK_EVENTS, newer), newer)
            .encode(record.build());

    assertThat(decoder.decode(raw(value))).isInstanceOf(Valid.class);
  }

  @Test
  void keepsTheRecordAsItWasReceivedWithTheDeadLetter() {
    byte[] value = "{\"event_id\": 1}".getBytes(StandardCharsets.UTF_8);

    assertThat(rejected(value))
        .isEqualTo(
            DeadLetter.newBuilder()
                .setTopic("work-events")
                .setPartition(3)
                .setOffset(42)
                .setKey(ByteBuffer.wrap(new byte[] {1, 2}))
                .setValue(ByteBuffer.wrap(value))
                .setReason(NOT_AVRO)
                .setDetail(
                    "15 bytes that begin with 7b226576656e745f; a value begins with a zero byte and the schema's id in four bytes")
                .setAppendedAt(APPENDED)
                .build());
  }

  @Test
  void refusesAnEventThatIsTooLargeToBePassedOn() {
    WorkEvent event = WorkEvent.newBuilder(event(entry())).setSource("x".repeat(300_000)).build();

    DeadLetter letter = rejected(encoder.encode(event));

    assertThat(letter.getReason()).isEqualTo(OUT_OF_RANGE);
    assertThat(letter.getDetail()).contains("at most 262144");
  }

  @Test
  void cutsWhatWouldNotFitIntoARecordOfDeadLetters() {
    DeadLetter letter = rejected("x".repeat(1_048_000).getBytes(StandardCharsets.UTF_8));

    assertThat(letter.getReason()).isEqualTo(NOT_AVRO);
    assertThat(letter.getValue().remaining()).isEqualTo(524_288);
    assertThat(letter.getDetail()).endsWith("(the first 524288 of 1048000 bytes are kept)");
  }

  @Test
  void tellsTheKindsOfUnreadableValuesApart() {
    byte[] good = encoder.encode(event(entry()));
    byte[] trailing = Arrays.copyOf(good, good.length + 1);
    byte[] cut = Arrays.copyOf(good, good.length - 1);
    byte[] unknown = good.clone();
    unknown[3] = 9;
    byte[] foreign =
        RecordEncoder.of(Topic.OBSERVATIONS, registry)
            .encode(
                Observation.newBuilder()
                    .setCompanyId("A")
                    .setName("shown")
                    .setValue(1)
                    .setObservedAt(OCCURRED)
                    .build());

    assertThat(rejected(null).getReason()).isEqualTo(NULL_VALUE);
    assertThat(rejected(new byte[0]).getReason()).isEqualTo(NOT_AVRO);
    assertThat(rejected(new byte[] {0, 0, 0, 1}).getReason()).isEqualTo(NOT_AVRO);
    assertThat(rejected(unknown).getReason()).isEqualTo(UNKNOWN_SCHEMA);
    assertThat(rejected(foreign).getReason()).isEqualTo(INCOMPATIBLE_SCHEMA);
    assertThat(rejected(foreign).getDetail()).contains("Observation").contains("WorkEvent");
    assertThat(rejected(trailing).getReason()).isEqualTo(CORRUPT_PAYLOAD);
    assertThat(rejected(cut).getReason()).isEqualTo(CORRUPT_PAYLOAD);
    assertThat(rejected(Arrays.copyOf(good, 5)).getReason()).isEqualTo(CORRUPT_PAYLOAD);
  }

  @Test
  void refusesOnlyTheRecordsThatUseWhatAnIncompatibleSchemaChanged() {
    Schema changed =
        SchemaBuilder.record("WorkEvent")
            .namespace("io.crewcast.schemas")
            .fields()
            .requiredString("event_id")
            .endRecord();
    byte[] value =
        new RecordEncoder(
                registry.register("elsewhere", changed, Compatibility.FULL_TRANSITIVE), changed)
            .encode(new GenericRecordBuilder(changed).set("event_id", "e").build());

    DeadLetter letter = rejected(value);

    assertThat(letter.getReason()).isEqualTo(INCOMPATIBLE_SCHEMA);
    assertThat(letter.getDetail()).contains("company_id");
  }

  @Test
  void waitsForARegistryThatIsAwayInsteadOfRejectingTheRecord() {
    byte[] value = encoder.encode(event(entry()));
    server.close();

    assertThatThrownBy(() -> decoder.decode(raw(value)))
        .isInstanceOf(RegistryUnreachableException.class);
  }

  @Test
  void takesAPairWhoseIdsAreAsLongAsIdsMayBe() throws Exception {
    String longest = "%".repeat(256);
    PredictionRequested request =
        requestOf(EntityType.WORKER_PROJECT, new PairId(longest, longest).entityId());

    WorkEvent event = event(entry());
    event.setPayload(request);

    assertThat(decoder.decode(raw(encoder.encode(event)))).isInstanceOf(Valid.class);
  }

  private static PredictionRequested requestOf(EntityType entity, String entityId) {
    return PredictionRequested.newBuilder()
        .setRequestId("r")
        .setModel("m")
        .setEntities(List.of(new EntityRef(entity, entityId)))
        .build();
  }

  static List<Arguments> outOfLimits() {
    String control = "a\u0007b";
    return List.of(
        limit(MISSING_ID, "event_id", e -> e.setEventId("")),
        limit(MISSING_ID, "company_id", e -> e.setCompanyId("")),
        limit(INVALID_ID, "company_id", e -> e.setCompanyId("a:b")),
        limit(INVALID_ID, "event_id", e -> e.setEventId("é".repeat(257))),
        limit(INVALID_ID, "crew_id", e -> entry(e).setCrewId(control)),
        limit(MISSING_ID, "worker_id", e -> entry(e).setWorkerId("")),
        limit(OUT_OF_RANGE, "minutes", e -> entry(e).setMinutes(44_641)),
        limit(OUT_OF_RANGE, "minutes", e -> entry(e).setMinutes(-1)),
        limit(OUT_OF_RANGE, "overtime_minutes", e -> entry(e).setOvertimeMinutes(481)),
        limit(OUT_OF_RANGE, "break_minutes", e -> entry(e).setBreakMinutes(Long.MAX_VALUE)),
        limit(OUT_OF_RANGE, "cost_cents", e -> entry(e).setCostCents(-5L)),
        limit(OUT_OF_RANGE, "planned_minutes", e -> e.setPayload(task(Double.NaN))),
        limit(OUT_OF_RANGE, "planned_minutes", e -> e.setPayload(task(Double.POSITIVE_INFINITY))),
        limit(OUT_OF_RANGE, "planned_minutes", e -> e.setPayload(task(-0.5))),
        limit(
            OUT_OF_RANGE,
            "fix_minutes",
            e ->
                e.setPayload(
                    Defect.newBuilder()
                        .setDefectId("d")
                        .setProjectId("p")
                        .setFixMinutes(1e6 + 1)
                        .build())),
        limit(
            OUT_OF_RANGE,
            "entities",
            e ->
                e.setPayload(
                    PredictionRequested.newBuilder()
                        .setRequestId("r")
                        .setModel("m")
                        .setEntities(List.of())
                        .build())),
        limit(
            INVALID_ID,
            "worker_id/project_id, with %25 for %",
            e -> e.setPayload(requestOf(EntityType.WORKER_PROJECT, "kim"))),
        limit(
            MISSING_ID,
            "entity_id",
            e -> e.setPayload(requestOf(EntityType.WORKER_PROJECT, "kim/"))),
        limit(
            INVALID_ID,
            "entity_id is longer",
            e -> e.setPayload(requestOf(EntityType.WORKER, "k".repeat(257)))),
        limit(
            DATE_OUT_OF_RANGE,
            "occurred_at",
            e -> e.setOccurredAt(Instant.parse("1999-12-31T23:59:59Z"))),
        limit(
            DATE_OUT_OF_RANGE,
            "recorded_at",
            e -> e.setRecordedAt(Instant.parse("2100-01-01T00:00:00Z"))),
        limit(
            FUTURE,
            "more than 5 minutes after recorded_at",
            e -> e.setRecordedAt(OCCURRED.minusSeconds(301))),
        limit(FUTURE, "append time", e -> e.setRecordedAt(APPENDED.plusSeconds(301))),
        limit(
            LATE,
            "is more than %d days before recorded_at".formatted(LATE_AFTER.toDays()),
            e -> e.setOccurredAt(OCCURRED.minus(LATE_AFTER.plusDays(1)))));
  }

  @ParameterizedTest
  @MethodSource("outOfLimits")
  void namesTheFieldThatIsOutOfItsLimits(
      DeadLetterReason reason, String field, Consumer<WorkEvent> fault) {
    WorkEvent event = event(entry());
    event.setRecordedAt(OCCURRED);
    fault.accept(event);

    DeadLetter letter = rejected(encoder.encode(event));

    assertThat(letter.getReason()).isEqualTo(reason);
    assertThat(letter.getDetail()).contains(field);
    assertThat(letter.getCompanyId()).isEqualTo(event.getCompanyId());
  }

  @Test
  void acceptsWhatIsJustWithinTheLimits() {
    WorkEvent event = event(entry());
    event.setRecordedAt(OCCURRED.minusSeconds(300));
    entry(event).setMinutes(44_640);
    entry(event).setOvertimeMinutes(44_640);
    event.setEventId("🛠".repeat(256));

    assertThat(decoder.decode(raw(encoder.encode(event)))).isEqualTo(new Valid(event));
  }

  @Test
  void survivesAnyCorruptionOfItsBytes() {
    byte[] good = encoder.encode(event(entry()));
    long seed = 20261121;
    SplittableRandom random = new SplittableRandom(seed);
    int rejected = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] bad = Arrays.copyOf(good, random.nextInt(good.length + 8));
      for (int flips = random.nextInt(6); flips > 0 && bad.length > 5; flips--) {
        bad[5 + random.nextInt(bad.length - 5)] = (byte) random.nextInt(256);
      }
      // whatever becomes of it, it must become something
      var decoded = decoder.decode(raw(bad));
      rejected += decoded instanceof Rejected ? 1 : 0;
    }
    assertThat(rejected).as("seed %d", seed).isGreaterThan(10_000);
  }

  @Test
  void allocatesNoMoreThanTheBytesHoldWhateverLengthsTheyAnnounce() {
    byte[] huge = {0, 0, 0, 0, 1, (byte) 0xfe, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x0f, 'x'};

    assertThat(rejected(huge).getReason()).isEqualTo(CORRUPT_PAYLOAD);
    assertThat(rejected(huge).getDetail()).contains("2147483647 bytes are announced");
  }

  private DeadLetter rejected(byte @Nullable [] value) {
    var decoded = decoder.decode(raw(value));
    assertThat(decoded).isInstanceOf(Rejected.class);
    return ((Rejected) decoded).deadLetter();
  }

  private static Arguments limit(DeadLetterReason reason, String field, Consumer<WorkEvent> fault) {
    return Arguments.of(reason, field, fault);
  }

  private static RawRecord raw(byte @Nullable [] value) {
    return new RawRecord(
        "work-events",
        3,
        42L,
        APPENDED,
        ByteBuffer.wrap(new byte[] {1, 2}),
        value == null ? null : ByteBuffer.wrap(value));
  }

  private static TimeEntry entry() {
    return new TimeEntry(
        "te-1", "w-1", "p-1", "c-1", "t-1", 480L, 0L, 30L, 12_345L, "design", "cc-7");
  }

  private static TimeEntry entry(WorkEvent event) {
    return (TimeEntry) event.getPayload();
  }

  private static Task task(double plannedMinutes) {
    return Task.newBuilder()
        .setTaskId("t-1")
        .setStatus(TaskStatus.STARTED)
        .setProjectId("p-1")
        .setPlannedMinutes(plannedMinutes)
        .build();
  }

  private static WorkEvent event(TimeEntry entry) {
    return WorkEvent.newBuilder()
        .setEventId("e-1")
        .setCompanyId("acme")
        .setOccurredAt(OCCURRED)
        .setPayload(entry)
        .build();
  }

  private static Schema with(Schema schema, String field, Schema.Type type) {
    Schema wider =
        Schema.createRecord(schema.getName(), schema.getDoc(), schema.getNamespace(), false);
    List<Schema.Field> fields =
        new java.util.ArrayList<>(
            schema.getFields().stream().map(f -> new Schema.Field(f, f.schema())).toList());
    fields.add(new Schema.Field(field, Schema.create(type), "new", "none"));
    wider.setFields(fields);
    return wider;
  }
}
