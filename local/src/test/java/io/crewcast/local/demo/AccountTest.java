package io.crewcast.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.local.scoring.ScoringRun.Counters;
import org.junit.jupiter.api.Test;

class AccountTest {
  private static final Counters COUNTED = new Counters(7, 1000, 20, 30, 3);

  @Test
  void addsUpWhenEachRecordIsAppliedRepeatedOrADeadLetter() {
    Account account = new Account(1060, COUNTED);
    assertThat(account.addsUp()).isTrue();
    assertThat(account.inWords()).startsWith("1,060 in = 1,020 applied (20 of them superseded)");
    assertThat(account.deadLetters()).isEqualTo(10);
  }

  @Test
  void saysSoWhenARecordIsUnaccountedFor() {
    Account account = new Account(1061, COUNTED);
    assertThat(account.addsUp()).isFalse();
    assertThat(account.inWords()).contains("is NOT");
  }
}
