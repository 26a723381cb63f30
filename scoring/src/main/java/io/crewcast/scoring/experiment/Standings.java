package io.crewcast.scoring.experiment;

import io.crewcast.schemas.CodePoints;
import io.crewcast.schemas.state.TrialStanding;
import io.crewcast.schemas.stream.TrialEvent;
import io.crewcast.schemas.stream.TrialHour;
import io.crewcast.schemas.stream.VariationTotals;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what happens to the units of an experiment: the units of an hour in one order, and then
 * hour after hour, so that every run gets the same sums to the last bit, whatever came first.
 */
public final class Standings {

  private static final Comparator<TrialEvent> ONE_ORDER =
      Comparator.comparing(TrialEvent::getAt)
          .thenComparing(TrialEvent::getUnitId, CodePoints.ORDER)
          .thenComparing(TrialEvent::getStep)
          .thenComparing(TrialEvent::getMetric, Comparator.nullsFirst(Comparator.naturalOrder()));

  private Standings() {}

  /** Of a metric in a variation. */
  private record Place(String metric, String variation) {
    static final Comparator<Place> ORDER =
        Comparator.comparing(Place::metric).thenComparing(Place::variation);
  }

  /** What happened in an hour. */
  public static TrialHour hour(String experiment, Instant endsAt, Collection<TrialEvent> happened) {
    Map<String, Long> exposed = new TreeMap<>();
    Map<Place, Moments> moments = new TreeMap<>(Place.ORDER);
    Map<Place, Long> excluded = new TreeMap<>(Place.ORDER);
    long crossed = 0;
    for (TrialEvent event : happened.stream().sorted(ONE_ORDER).toList()) {
      Place place = new Place(String.valueOf(event.getMetric()), event.getVariation());
      switch (event.getStep()) {
        case EXPOSED -> exposed.merge(event.getVariation(), 1L, Long::sum);
        case CROSSED -> crossed++;
        case CLOSED -> {
          double[] values = array(event.getValues());
          moments.put(place, moments.getOrDefault(place, Moments.none(Arm.VARIABLES)).add(values));
        }
        case EXCLUDED -> {
          moments.putIfAbsent(place, Moments.none(Arm.VARIABLES));
          excluded.merge(place, 1L, Long::sum);
        }
      }
    }
    List<VariationTotals> totals = new ArrayList<>();
    moments.forEach(
        (place, sums) ->
            totals.add(
                totals(place.metric, place.variation, sums, excluded.getOrDefault(place, 0L))));
    return new TrialHour(experiment, endsAt, exposed, crossed, totals);
  }

  /** Before anything happened. */
  public static TrialStanding none() {
    return new TrialStanding(new TreeMap<>(), 0L, 1.0, new ArrayList<>(), new ArrayList<>(), 0L);
  }

  /** Adds another hour. */
  public static void add(TrialStanding standing, TrialHour hour) {
    Map<String, Long> exposed = new TreeMap<>(standing.getExposed());
    hour.getExposed().forEach((variation, units) -> exposed.merge(variation, units, Long::sum));
    standing.setExposed(exposed);
    standing.setCrossed(standing.getCrossed() + hour.getCrossed());
    standing.setTotals(merge(standing.getTotals(), hour.getTotals()));
  }

  /** Two parts of what happened in an hour. */
  public static TrialHour merge(TrialHour one, TrialHour other) {
    Map<String, Long> exposed = new TreeMap<>(one.getExposed());
    other.getExposed().forEach((variation, units) -> exposed.merge(variation, units, Long::sum));
    return new TrialHour(
        one.getExperiment(),
        one.getEndsAt(),
        exposed,
        one.getCrossed() + other.getCrossed(),
        merge(one.getTotals(), other.getTotals()));
  }

  private static List<VariationTotals> merge(
      List<VariationTotals> totals, List<VariationTotals> more) {
    List<VariationTotals> merged = new ArrayList<>(totals);
    for (VariationTotals added : more) {
      VariationTotals before = find(merged, added.getMetric(), added.getVariation());
      merged.remove(before);
      merged.add(before == null ? added : merge(before, added));
    }
    return merged;
  }

  private static VariationTotals merge(VariationTotals one, VariationTotals other) {
    return totals(
        one.getMetric(),
        one.getVariation(),
        moments(one).merge(moments(other)),
        one.getExcluded() + other.getExcluded());
  }

  static @Nullable VariationTotals find(
      List<VariationTotals> totals, String metric, String variation) {
    for (VariationTotals of : totals) {
      if (of.getMetric().equals(metric) && of.getVariation().equals(variation)) {
        return of;
      }
    }
    return null;
  }

  static Moments moments(@Nullable VariationTotals totals) {
    return totals == null
        ? Moments.none(Arm.VARIABLES)
        : Moments.of(totals.getUnits(), array(totals.getMeans()), array(totals.getProducts()));
  }

  private static VariationTotals totals(
      String metric, String variation, Moments moments, long excluded) {
    return new VariationTotals(
        metric,
        variation,
        moments.units(),
        excluded,
        Arrays.stream(moments.means()).boxed().toList(),
        Arrays.stream(moments.products()).boxed().toList());
  }

  private static double[] array(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
