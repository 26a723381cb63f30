package io.crewcast.scoring.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.scoring.model.Metric;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TrialTest {

  @Test
  void triesEachValueWithEachInTheOrderOfTheFile() {
    Map<String, List<String>> search = new LinkedHashMap<>();
    search.put("max_depth", List.of("4", "6"));
    search.put("eta", List.of("0.03", "0.1"));
    assertThat(Trial.combinations(search))
        .extracting(Object::toString)
        .containsExactly(
            "{max_depth=4, eta=0.03}",
            "{max_depth=4, eta=0.1}",
            "{max_depth=6, eta=0.03}",
            "{max_depth=6, eta=0.1}");
  }

  @Test
  void triesOnceWhereNothingIsSearched() {
    assertThat(Trial.combinations(Map.of())).containsExactly(Map.of());
  }

  @Test
  void takesTheBestAndOfEqualOnesTheFirst() {
    Trial low = new Trial(Map.of("eta", "1"), 5, 0.6);
    Trial first = new Trial(Map.of("eta", "2"), 6, 0.7);
    Trial second = new Trial(Map.of("eta", "3"), 7, 0.7);
    assertThat(Trial.best(List.of(low, first, second), Metric.AUC)).isSameAs(first);
    assertThat(Trial.best(List.of(first, low, second), Metric.RMSE)).isSameAs(low);
  }
}
