package io.crewcast.sinks.webhook;

import io.crewcast.schemas.Alert;

/** An alert in a line, as people read it. */
final class AlertText {

  private AlertText() {}

  static String of(Alert alert) {
    return "%s %s%s: %s"
        .formatted(
            alert.getResolved() ? "RESOLVED" : alert.getSeverity(),
            alert.getSubject(),
            alert.getCompanyId().equals("*") ? "" : " of " + alert.getCompanyId(),
            alert.getMessage());
  }
}
