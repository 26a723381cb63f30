package io.crewcast.scoring.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.crewcast.schemas.PredictionRole;
import io.crewcast.scoring.rollout.Lineup.Slot;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LineupTest {

  private static final List<Variation> EQUAL =
      List.of(new Variation("champion", 4, 0.5), new Variation("challenger", 5, 0.5));
  private static final int UNITS = 20_000;

  @Test
  void neverMovesAUnitThatIsInWhileCoverageGrows() {
    Map<String, Slot> in = new HashMap<>();
    for (double coverage : new double[] {0.01, 0.05, 0.1, 0.25, 0.5, 1}) {
      Lineup lineup = trial(coverage);
      in.forEach((unit, slot) -> assertThat(lineup.slot(unit, EQUAL)).isEqualTo(slot));
      for (int i = 0; i < UNITS; i++) {
        Slot slot = lineup.slot("unit-" + i, EQUAL);
        if (slot.variation() != null) {
          in.put("unit-" + i, slot);
        }
      }
      assertThat(in.size() / (double) UNITS).isCloseTo(coverage, within(0.012));
    }
  }

  @Test
  void splitsATrialByItsWeights() {
    Lineup lineup = trial(0.5);
    List<Variation> variations = lineup.variations(List.of(0.8, 0.2));
    long challenged = 0;
    for (int i = 0; i < UNITS; i++) {
      Slot slot = lineup.slot("unit-" + i, variations);
      assertThat(slot.version()).isEqualTo(slot.role() == PredictionRole.CHALLENGER ? 5 : 4);
      challenged += slot.role() == PredictionRole.CHALLENGER ? 1 : 0;
    }
    assertThat(challenged / (double) UNITS).isCloseTo(0.1, within(0.01));
  }

  @Test
  void leavesWhoIsNotOnTrialToTheChampionAndInNoVariation() {
    Slot outside = new Slot(4, PredictionRole.CHAMPION, null, null, null);
    assertThat(trial(1).slot(null, EQUAL)).isEqualTo(outside);
    assertThat(trial(0).slot("unit-1", EQUAL)).isEqualTo(outside);
    Lineup alone = new Lineup("r", Instant.EPOCH, 4, null, 0, List.of(), "x");
    assertThat(alone.slot("unit-1", alone.variations(List.of(0.5, 0.5)))).isEqualTo(outside);
  }

  private static Lineup trial(double coverage) {
    return new Lineup("r", Instant.EPOCH, 4, 5, coverage, List.of(6), "overrun:5");
  }
}
