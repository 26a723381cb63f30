package io.crewcast.benchmarks.features;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SingleServerTest {

  private final SingleServer server = new SingleServer();

  @Test
  void servesAtOnceWhenItIsFree() {
    assertThat(server.serve(100, 30)).isEqualTo(30);
    assertThat(server.serve(130, 5)).isEqualTo(5);
  }

  @Test
  void letsWhatComesWait() {
    server.serve(100, 30);

    assertThat(server.serve(110, 5)).isEqualTo(25);
    assertThat(server.serve(120, 5)).isEqualTo(20);
    assertThat(server.serve(200, 5)).isEqualTo(5);
  }
}
