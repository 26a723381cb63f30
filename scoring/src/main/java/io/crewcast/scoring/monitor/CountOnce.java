package io.crewcast.scoring.monitor;

import io.crewcast.schemas.stream.ObservedValues;
import io.crewcast.scoring.model.ModelSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.functions.ReduceFunction;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/**
 * Lets each owner's values count once in a window: as they were first, whichever came first. Once
 * for all companies together, and once for its own where the model's file says so.
 */
public final class CountOnce
    extends ProcessWindowFunction<ObservedValues, ObservedValues, String, TimeWindow> {

  /** Name of all companies together. */
  static final String ALL = "*";

  /** The owner, as one version sees it. */
  public static final KeySelector<ObservedValues, String> OWNER =
      values ->
          String.join(
              "\u0001",
              values.getModel(),
              Integer.toString(values.getModelVersion()),
              values.getCompanyId(),
              values.getOwner());

  /** That which was so first; of one instant that of the lesser prediction. */
  public static final ReduceFunction<ObservedValues> FIRST =
      (one, other) -> {
        int order = one.getAsOf().compareTo(other.getAsOf());
        int tied = order == 0 ? one.getPredictionId().compareTo(other.getPredictionId()) : order;
        return tied <= 0 ? one : other;
      };

  private final Set<String> byCompany = new HashSet<>();

  public CountOnce(List<ModelSpec> models) {
    models.stream()
        .filter(model -> model.monitor().byCompany())
        .forEach(model -> byCompany.add(model.name()));
  }

  @Override
  public void process(
      String owner,
      Context context,
      Iterable<ObservedValues> first,
      Collector<ObservedValues> out) {
    ObservedValues counted = first.iterator().next();
    if (byCompany.contains(counted.getModel())) {
      out.collect(counted);
    }
    out.collect(ObservedValues.newBuilder(counted).setCompanyId(ALL).build());
  }
}
