package io.crewcast.scoring.monitor;

import io.crewcast.schemas.stream.Judged;
import io.crewcast.scoring.model.ModelSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.util.Collector;

/**
 * Hands a prediction to each group that it counts in: all of its version, its variation, its
 * segments, and the same of its company where the model's file says so.
 */
public final class ByGroup implements FlatMapFunction<Judged, Judged> {

  private static final String ALL = "*";

  private final Map<String, ModelSpec> models;

  public ByGroup(Map<String, ModelSpec> models) {
    this.models = Map.copyOf(models);
  }

  @Override
  public void flatMap(Judged judged, Collector<Judged> out) {
    ModelSpec spec = models.get(judged.getModel());
    List<String> companies = new ArrayList<>(List.of(ALL));
    if (spec != null && spec.monitor().byCompany()) {
      companies.add(judged.getCompanyId());
    }
    List<String> segments = new ArrayList<>(List.of(ALL));
    segments.addAll(judged.getSegments());
    Set<String> variations = new LinkedHashSet<>(List.of(ALL, judged.getVariation()));
    for (String company : companies) {
      for (String variation : variations) {
        for (String segment : segments) {
          out.collect(
              Judged.newBuilder(judged)
                  .setCompanyId(company)
                  .setVariation(variation)
                  .setSegments(List.of(segment))
                  .build());
        }
      }
    }
  }
}
