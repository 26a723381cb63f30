package io.crewcast.scoring.monitor;

import io.crewcast.schemas.AlertSeverity;
import io.crewcast.schemas.DriftReference;
import io.crewcast.schemas.DriftStatistics;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.schemas.stream.HourCounts;
import io.crewcast.schemas.stream.Signal;
import io.crewcast.scoring.drift.Allowance;
import io.crewcast.scoring.drift.Volume;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What is told of one window of {@code work-events}. */
final class StreamRows {

  static final String DEAD_LETTER_SHARE = "dead_letter_share";
  static final String LATE_SHARE = "late_share";
  static final String EVENT_VOLUME = "event_volume";

  private static final String TOPIC = Topic.WORK_EVENTS.topicName();

  /** Of fewer records a share says little. */
  private static final long LEAST_RECORDS = 200;

  /** From which share on a single look is enough. */
  private static final double MANY = 0.1;

  private static final int CONFIRM = 2;
  private static final int OF = 3;

  private final HourCounts window;
  private final List<DriftStatistics> rows = new ArrayList<>();
  private final List<Signal> signals = new ArrayList<>();

  StreamRows(HourCounts window, Volume usual, StreamBounds bounds) {
    this.window = window;
    if (window.getReceived() > 0) {
      share(
          DEAD_LETTER_SHARE,
          window.getDeadLetters(),
          bounds.ofDeadLetters(),
          "are dead letters",
          "See ./crewcast tail dead-letters --from-beginning");
      share(
          LATE_SHARE,
          window.getLate(),
          bounds.ofLate(),
          "came later than --out-of-orderness or too late to count",
          "See which producer is behind");
    }
    if (window.getReceived() > 0 || usual.usual() > 0) {
      volume(usual);
    }
  }

  List<DriftStatistics> rows() {
    return rows;
  }

  List<Signal> signals() {
    return signals;
  }

  private void share(String method, long some, Allowance allowed, String what, String remedy) {
    long all = window.getReceived();
    double share = Math.min(1, (double) some / all);
    boolean isJudged = all >= LEAST_RECORDS;
    DriftStatistics row = row(method, DriftReference.BOUND);
    row.setDriftScore(share);
    row.setNullQuantile(allowed.nullQuantile(all));
    row.setThreshold(allowed.share());
    row.setDrifted(isJudged && allowed.isExceeded(some, all));
    row.setInsufficient(!isJudged);
    rows.add(row);
    if (isJudged) {
      boolean isMuch = row.getDrifted() && share >= MANY;
      signals.add(
          signal(row, isMuch ? AlertSeverity.CRITICAL : AlertSeverity.WARNING)
              .setMessage(
                  "%.1f %% of %,d records of %s %s %s, allowed %.1f %%. %s"
                      .formatted(
                          100 * share, all, TOPIC, when(), what, 100 * allowed.share(), remedy))
              .build());
    }
  }

  private void volume(Volume usual) {
    long count = window.getReceived();
    DriftStatistics row = row(EVENT_VOLUME, DriftReference.PAST_WEEKS);
    if (usual.usual() > 0) {
      row.setDriftScore(usual.ratio(count));
    }
    row.setThreshold(Volume.FACTOR);
    row.setInsufficient(!usual.isKnown());
    row.setDrifted(usual.isLow(count) || usual.isHigh(count));
    row.setCurrent(List.of(count));
    rows.add(row);
    if (usual.isKnown()) {
      row.setLower(usual.least() / usual.usual());
      row.setUpper(usual.most() / usual.usual());
      row.setNullQuantile(usual.most() / usual.usual());
      signals.add(
          signal(row, AlertSeverity.WARNING)
              .setMessage(
                  "%,d records of %s %s, where %,.0f are usual at that %s of the week. %s"
                      .formatted(
                          count,
                          TOPIC,
                          when(),
                          usual.usual(),
                          isHour() ? "hour" : "day",
                          count < usual.usual()
                              ? "See whether producers stand still"
                              : "See whether producers send more than they should"))
              .build());
    }
  }

  private boolean isHour() {
    return length().equals(CountReceipts.HOUR);
  }

  private Duration length() {
    return Duration.between(window.getWindowStart(), window.getWindowEnd());
  }

  private String when() {
    String start = window.getWindowStart().toString();
    return isHour()
        ? "in the hour from %s:00 UTC".formatted(start.substring(0, 13).replace('T', ' '))
        : "on %s".formatted(start.substring(0, 10));
  }

  private DriftStatistics row(String method, DriftReference reference) {
    DriftStatistics row = new DriftStatistics();
    row.setModel(CountOnce.ALL);
    row.setModelVersion(0);
    row.setCompanyId(window.getCompanyId());
    row.setFeature(TOPIC);
    row.setReference(reference);
    row.setWindowStart(window.getWindowStart());
    row.setWindowEnd(window.getWindowEnd());
    row.setEntities(window.getReceived());
    row.setMethod(method);
    row.setCurrent(List.of());
    row.setExpected(List.of());
    row.setCells(List.of());
    row.setAsOf(window.getWindowEnd());
    return row;
  }

  private static Signal.Builder signal(DriftStatistics row, AlertSeverity severity) {
    boolean isHour =
        Duration.between(row.getWindowStart(), row.getWindowEnd()).equals(CountReceipts.HOUR);
    return Signal.newBuilder()
        .setSubject("stream." + TOPIC)
        .setTopic("%s, %s".formatted(row.getMethod().replace('_', ' '), isHour ? "1h" : "1d"))
        .setCompanyId(row.getCompanyId())
        .setBad(row.getDrifted())
        .setSeverity(severity)
        .setValue(row.getDriftScore())
        .setThreshold(row.getThreshold())
        .setConfirm(severity == AlertSeverity.CRITICAL ? 1 : CONFIRM)
        .setOf(OF)
        .setAsOf(row.getWindowEnd());
  }
}
