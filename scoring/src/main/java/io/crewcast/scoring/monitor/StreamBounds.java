package io.crewcast.scoring.monitor;

import io.crewcast.scoring.drift.Allowance;
import java.io.Serializable;

/**
 * What is borne in {@code work-events}.
 *
 * @param deadLetters share of records that cannot be used, 0 to 1
 * @param late share of records that come late
 */
public record StreamBounds(double deadLetters, double late) implements Serializable {

  Allowance ofDeadLetters() {
    return new Allowance(deadLetters);
  }

  Allowance ofLate() {
    return new Allowance(late);
  }
}
