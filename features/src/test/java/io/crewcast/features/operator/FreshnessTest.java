package io.crewcast.features.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.schemas.Alert;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FreshnessTest {

  private static final long SECOND = 1_000_000;

  @Test
  void hasNoAgeBeforeAFactAndNoneBelowZero() {
    Freshness facts = new Freshness("worker.entry", null, 0);
    assertThat(facts.ageSeconds(9 * SECOND)).isNaN();

    facts.counted(10 * SECOND);
    assertThat(facts.ageSeconds(9 * SECOND)).isZero();
    assertThat(facts.ageSeconds(12 * SECOND)).isEqualTo(2);
    assertThat(facts.check(Long.MAX_VALUE)).isNull(); // promises nothing
  }

  @Test
  void saysAnAgeOfManyDaysInDays() {
    Freshness facts = new Freshness("worker.entry", Duration.ofDays(4), 0);
    long age = Duration.ofDays(166).plusMinutes(63).plusSeconds(33).toSeconds() * SECOND;

    assertThat(facts.check(age)).extracting(Alert::getMessage).asString().contains(", 166 d ago,");
  }
}
