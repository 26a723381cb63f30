package io.crewcast.scoring.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.stream.ObservedValues;
import io.crewcast.schemas.stream.WindowCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.transformations.OneInputTransformation;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** What a window of 200 features takes in a snapshot; {@code docs/statistics.md} has it. */
final class WindowSizeTest {

  private static final int FEATURES = 200;
  private static final int CELLS = 12;
  private static final int OWNERS = 1_000;
  private static final Instant START = Instant.parse("2026-03-02T00:00:00Z");
  private static final Instant END = START.plus(Duration.ofDays(1));

  /** What one prediction shows of all inputs of one owner. */
  private static ObservedValues values(int owner, SplittableRandom random) {
    List<Integer> places = new ArrayList<>();
    List<Integer> cells = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    for (int feature = 0; feature < FEATURES; feature++) {
      places.add(feature);
      cells.add(random.nextInt(CELLS));
      values.add(random.nextDouble());
    }
    return new ObservedValues(
        "task_overrun",
        1,
        "acme",
        "worker:worker-" + owner,
        places,
        cells,
        values,
        new ArrayList<>(List.of(7)),
        START.plusSeconds(owner),
        new UUID(owner, owner).toString(),
        START,
        END);
  }

  @Test
  void keepsAnOwnerOfAllFeaturesInLessThanFourKilobytesUntilTheWindowEnds() throws Exception {
    var env = StreamExecutionEnvironment.getExecutionEnvironment();
    KeyedStream<ObservedValues, String> keyed =
        env.fromData(new AvroTypeInfo<>(ObservedValues.class), values(0, new SplittableRandom(1)))
            .keyBy(CountOnce.OWNER);
    var windows =
        (OneInputTransformation<?, ObservedValues>)
            keyed
                .window(new DeclaredWindows())
                .reduce(
                    CountOnce.FIRST,
                    new CountOnce(List.of()),
                    new AvroTypeInfo<>(ObservedValues.class))
                .getTransformation();
    try (var harness =
        new KeyedOneInputStreamOperatorTestHarness<>(
            windows.getOperatorFactory(), CountOnce.OWNER, Types.STRING)) {
      harness.setup(
          new AvroTypeInfo<>(ObservedValues.class)
              .createSerializer(env.getConfig().getSerializerConfig()));
      harness.open();
      SplittableRandom random = new SplittableRandom(2);
      for (int owner = 0; owner < OWNERS; owner++) {
        harness.processElement(new StreamRecord<>(values(owner, random), START.toEpochMilli()));
      }
      long bytes = harness.snapshot(1, 1).getStateSize() / OWNERS;
      System.out.println("owner of 200 features in a window: " + bytes + " bytes");
      assertThat(bytes).isBetween(1L, 4_000L);

      harness.processWatermark(END.toEpochMilli());
      assertThat(harness.extractOutputValues()).hasSize(OWNERS);
      assertThat(harness.numKeyedStateEntries()).isZero();
    }
  }

  @Test
  void countsAShareOfAllFeaturesInLessThanFiftyKilobytes() throws Exception {
    SplittableRandom random = new SplittableRandom(3);
    CountCells cells = new CountCells();
    WindowCounts counts = cells.createAccumulator();
    for (int owner = 0; owner < 20_000; owner++) {
      counts = cells.add(values(owner, random), counts);
    }
    int bytes = WindowCounts.getEncoder().encode(counts).remaining();
    System.out.println("share of 200 features in a window: " + bytes + " bytes");
    assertThat(bytes).isBetween(1, 50_000);
  }
}
