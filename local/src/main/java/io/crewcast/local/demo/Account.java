package io.crewcast.local.demo;

import io.crewcast.local.scoring.ScoringRun.Counters;

/**
 * What became of every record of the topic of events.
 *
 * @param in records that the topic holds
 * @param counted what the job did with them
 */
record Account(long in, Counters counted) {

  /** Events whose version was taken in, be it that a newer one already stood. */
  long applied() {
    return counted.applied() + counted.superseded();
  }

  long repeats() {
    return counted.repeated();
  }

  long deadLetters() {
    return counted.faulty() + counted.uncorrectable();
  }

  boolean addsUp() {
    return in == applied() + repeats() + deadLetters();
  }

  /** The sum in one line. */
  String inWords() {
    return "%,d in %s %,d applied (%,d of them superseded) + %,d repeats + %,d dead letters (%,d unusable, %,d too late to correct)"
        .formatted(
            in,
            addsUp() ? "=" : "is NOT",
            applied(),
            counted.superseded(),
            repeats(),
            deadLetters(),
            counted.faulty(),
            counted.uncorrectable());
  }
}
