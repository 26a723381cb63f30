package io.crewcast.features.operator;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.AlertSeverity;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.state.WatchedFacts;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.util.TimeUtils;
import org.jspecify.annotations.Nullable;

/**
 * How fresh the facts of one source are, and the features behind which they stand. All times are
 * microseconds. One thread changes it; others may read its age.
 */
final class Freshness {

  private static final double MICROS_A_SECOND = 1e6;
  private static final double MILLIS_A_SECOND = 1e3;

  private final String subject;
  private final @Nullable Duration within;
  private final List<String> features = new ArrayList<>();

  private long watchedSince;
  private volatile @Nullable Long newest;
  private @Nullable String alertId;

  /**
   * @param subject kind of entity and source
   * @param within beyond which age it alerts; null for never
   */
  Freshness(String subject, @Nullable Duration within, long now) {
    this.subject = subject;
    this.within = within;
    this.watchedSince = now;
  }

  void isBehind(String feature) {
    features.add(feature);
  }

  void restore(WatchedFacts state) {
    watchedSince = state.getWatchedSince();
    newest = state.getNewest();
    alertId = state.getAlertId();
  }

  WatchedFacts state() {
    return new WatchedFacts(subject, watchedSince, newest, alertId);
  }

  void counted(long recordedAt) {
    Long known = newest;
    newest = known == null ? recordedAt : Math.max(known, recordedAt);
  }

  /** NaN when none was counted. */
  double ageSeconds(long now) {
    Long known = newest;
    return known == null ? Double.NaN : Math.max(0, now - known) / MICROS_A_SECOND;
  }

  /** What there is to say now that was not said before; null for nothing. */
  @Nullable Alert check(long now) {
    Long known = newest;
    Instant from = Instants.ofMicros(known == null ? watchedSince : known);
    Duration age = Duration.between(from, Instants.ofMicros(now));
    boolean stale = within != null && age.compareTo(within) > 0;
    if (stale == (alertId != null)) {
      return null;
    }
    String id = alertId == null ? subject + '@' + from : alertId;
    alertId = stale ? id : null;
    return Alert.newBuilder()
        .setAlertId(id)
        .setSeverity(AlertSeverity.WARNING)
        .setSubject(subject)
        .setCompanyId("*")
        .setMessage(
            "%s %s: %s %s, %s ago, %s. Made of it: %s."
                    .formatted(
                        subject,
                        stale ? "is stale" : "is fresh again",
                        known == null
                            ? "nothing was counted since"
                            : "its newest fact was recorded at",
                        from,
                        inWords(age),
                        within == null
                            ? "and it has no fresh_within any more"
                            : "fresh_within is " + TimeUtils.formatWithHighestUnit(within),
                        features.isEmpty() ? "nothing any more" : String.join(", ", features))
                + (stale
                    ? " See whether its source sends, and whether the job lags behind work-events."
                    : ""))
        .setValue(seconds(age))
        .setThreshold(within == null ? null : seconds(within))
        .setResolved(!stale)
        .setAsOf(Instants.ofMicros(now))
        .build();
  }

  /** In the greatest unit of which it has two, without the rest. */
  private static String inWords(Duration age) {
    ChronoUnit precision =
        Stream.of(ChronoUnit.DAYS, ChronoUnit.HOURS, ChronoUnit.MINUTES)
            .filter(unit -> age.dividedBy(unit.getDuration()) > 1)
            .findFirst()
            .orElse(ChronoUnit.SECONDS);
    return TimeUtils.formatWithHighestUnit(age.truncatedTo(precision));
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / MILLIS_A_SECOND;
  }
}
