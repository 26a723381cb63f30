package io.crewcast.local.ingest;

/** A row cannot become its events; the message is the reason that the rejects file keeps. */
final class UnusableRowException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  UnusableRowException(String reason) {
    super(reason, null, false, false);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }
}
