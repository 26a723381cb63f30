package io.crewcast.scoring.monitor;

import io.crewcast.schemas.stream.HourCounts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * Hands an hour's counts to the windows that it is in, the hour and its day, UTC, of all companies
 * together and of those that are to be told of by themselves.
 */
public final class InStreamWindows implements FlatMapFunction<HourCounts, HourCounts> {

  /** Lengths of windows, the shortest first. */
  static final List<Duration> LENGTHS = List.of(CountReceipts.HOUR, Duration.ofDays(1));

  private final Set<String> companies;

  public InStreamWindows(Set<String> companies) {
    this.companies = Set.copyOf(companies);
  }

  @Override
  public void flatMap(HourCounts hour, Collector<HourCounts> out) {
    for (Duration length : LENGTHS) {
      TimeWindow window =
          EventTimeWindows.tumbling(hour.getWindowStart().toEpochMilli(), length.toMillis());
      out.collect(in(window, CountOnce.ALL, hour));
      if (companies.contains(hour.getCompanyId())) {
        out.collect(in(window, hour.getCompanyId(), hour));
      }
    }
  }

  private static HourCounts in(TimeWindow window, String company, HourCounts hour) {
    return HourCounts.newBuilder(hour)
        .setCompanyId(company)
        .setWindowStart(Instant.ofEpochMilli(window.getStart()))
        .setWindowEnd(Instant.ofEpochMilli(window.getEnd()))
        .build();
  }
}
