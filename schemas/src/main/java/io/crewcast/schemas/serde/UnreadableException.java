package io.crewcast.schemas.serde;

import io.crewcast.schemas.DeadLetterReason;

/** A record cannot be used: the reason and, as the message, what was wrong with which field. */
public final class UnreadableException extends Exception {

  private final DeadLetterReason reason;

  UnreadableException(DeadLetterReason reason, String detail) {
    super(detail);
    this.reason = reason;
  }

  /** What kind of fault it is. */
  public DeadLetterReason reason() {
    return reason;
  }
}
