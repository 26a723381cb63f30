package io.crewcast.benchmarks.features;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LatenciesTest {

  @Test
  void tellsWhatAShareDoesNotExceed() {
    Latencies latencies = new Latencies();
    for (long nanos = 100_000; nanos > 0; nanos--) {
      latencies.add(nanos);
    }

    assertThat(latencies.quantileMicros(0.5)).isEqualTo(50);
    assertThat(latencies.quantileMicros(0.99)).isEqualTo(99);
    assertThat(latencies.quantileMicros(1)).isEqualTo(100);
  }

  @Test
  void forgets() {
    Latencies latencies = new Latencies();
    latencies.add(7_000);
    latencies.clear();
    assertThat(latencies.quantileMicros(1)).isNaN();
    latencies.add(1_000);

    assertThat(latencies.quantileMicros(1)).isEqualTo(1);
  }
}
