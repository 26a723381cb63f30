package io.crewcast.local.ingest;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What became of every row and of every event formed. Two sums hold: rows in = used + filtered +
 * rejected, and events formed = events out + once_per repeats.
 *
 * @param eventsOut events written, by kind
 * @param repeated events that `once_per` left out, since an earlier one of their key stands
 * @param clamped values that a limit of the mapping changed
 */
public record ImportAccount(
    long rowsIn,
    long used,
    long filtered,
    long rejected,
    long formed,
    SortedMap<String, Long> eventsOut,
    long repeated,
    long clamped) {
  public ImportAccount {
    eventsOut = new TreeMap<>(eventsOut);
  }

  public long events() {
    return eventsOut.values().stream().mapToLong(Long::longValue).sum();
  }

  public boolean addsUp() {
    return rowsIn == used + filtered + rejected && formed == events() + repeated;
  }

  @Override
  public String toString() {
    String kinds =
        eventsOut.entrySet().stream().map(ImportAccount::kind).collect(Collectors.joining(", "));
    return String.format(
        "rows in %,d = used %,d + filtered %,d + rejected %,d%n"
            + "events formed %,d = written %,d + left out by once_per %,d%n"
            + "written: %s%nvalues clamped %,d",
        rowsIn, used, filtered, rejected, formed, events(), repeated, kinds, clamped);
  }

  private static String kind(Map.Entry<String, Long> kind) {
    return String.format("%s %,d", kind.getKey(), kind.getValue());
  }
}
