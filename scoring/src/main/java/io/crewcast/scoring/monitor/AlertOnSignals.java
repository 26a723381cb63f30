package io.crewcast.scoring.monitor;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.stream.Signal;
import io.crewcast.schemas.stream.Trouble;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Opens an alert once enough of the last looks at a trouble were bad, says nothing while it lasts,
 * and resolves it once so few are that it would not be opened. Keyed by {@link #KEY}. What nobody
 * looks at for thirty days is over.
 */
public final class AlertOnSignals extends KeyedProcessFunction<String, Signal, Alert> {

  /** One trouble. */
  public static final KeySelector<Signal, String> KEY =
      signal ->
          String.join("\u0001", signal.getSubject(), signal.getTopic(), signal.getCompanyId());

  private static final Duration FORGOTTEN = Duration.ofDays(30);

  private transient ValueState<Trouble> troubles;

  @Override
  public void open(OpenContext context) {
    troubles =
        getRuntimeContext()
            .getState(new ValueStateDescriptor<>("trouble", new AvroTypeInfo<>(Trouble.class)));
  }

  @Override
  public void processElement(Signal signal, Context context, Collector<Alert> out)
      throws Exception {
    Trouble trouble = troubles.value();
    if (trouble == null) {
      trouble = new Trouble(new ArrayList<>(), null, signal.getAsOf());
    }
    List<Boolean> looks = trouble.getLooks();
    looks.add(signal.getBad());
    while (looks.size() > signal.getOf()) {
      looks.remove(0);
    }
    boolean isConfirmed = Collections.frequency(looks, true) >= signal.getConfirm();
    if (isConfirmed && signal.getBad() && trouble.getOpen() == null) {
      trouble.setOpen(alert(signal));
      out.collect(trouble.getOpen());
    } else if (isConfirmed && signal.getBad() && isWorse(signal, trouble.getOpen())) {
      trouble.setOpen(
          Alert.newBuilder(alert(signal)).setAlertId(trouble.getOpen().getAlertId()).build());
      out.collect(trouble.getOpen());
    } else if (!isConfirmed && trouble.getOpen() != null) {
      out.collect(over(trouble.getOpen(), signal.getAsOf(), signal.getValue(), "over: "));
      trouble.setOpen(null);
    }
    trouble.setLookedAt(signal.getAsOf());
    troubles.update(trouble);
    context.timerService().registerEventTimeTimer(forgottenAt(signal.getAsOf()));
  }

  private static boolean isWorse(Signal signal, Alert open) {
    return signal.getSeverity().compareTo(open.getSeverity()) > 0;
  }

  private static long forgottenAt(Instant lookedAt) {
    return lookedAt.plus(FORGOTTEN).toEpochMilli();
  }

  @Override
  public void onTimer(long timestamp, OnTimerContext context, Collector<Alert> out)
      throws Exception {
    Trouble trouble = troubles.value();
    if (trouble != null && forgottenAt(trouble.getLookedAt()) <= timestamp) {
      if (trouble.getOpen() != null) {
        out.collect(
            over(
                trouble.getOpen(),
                Instant.ofEpochMilli(timestamp),
                null,
                "not looked at for 30 days: "));
      }
      troubles.clear();
    }
  }

  private static Alert alert(Signal signal) {
    String name =
        String.join(
            "\u0001",
            signal.getSubject(),
            signal.getTopic(),
            signal.getCompanyId(),
            signal.getAsOf().toString());
    return Alert.newBuilder()
        .setAlertId(UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString())
        .setSeverity(signal.getSeverity())
        .setSubject(signal.getSubject())
        .setCompanyId(signal.getCompanyId())
        .setMessage(signal.getMessage())
        .setValue(signal.getValue())
        .setThreshold(signal.getThreshold())
        .setAsOf(signal.getAsOf())
        .build();
  }

  private static Alert over(Alert open, Instant at, @Nullable Double value, String how) {
    return Alert.newBuilder(open)
        .setResolved(true)
        .setMessage(how + open.getMessage())
        .setValue(value)
        .setAsOf(at)
        .build();
  }
}
