package io.crewcast.scoring.operator;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.AlertSeverity;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Says once what is wrong, and once when it is over; under an id that a restart does not change.
 */
final class ModelAlerts {

  /** In the order in which they were opened. */
  private final Map<Trouble, Alert> open = new LinkedHashMap<>();

  /**
   * Something that is wrong.
   *
   * @param subject what it is about
   * @param key tells it from other troubles of the subject
   * @param message what happened and what to do
   */
  record Trouble(String subject, String key, AlertSeverity severity, String message) {

    String alertId() {
      byte[] name = (subject + '\u0001' + key).getBytes(StandardCharsets.UTF_8);
      return UUID.nameUUIDFromBytes(name).toString();
    }
  }

  /** What is new and what is over, given all that is wrong now. */
  List<Alert> changes(List<Trouble> troubles, Instant now) {
    List<Alert> changes = new ArrayList<>();
    for (Trouble trouble : troubles) {
      if (!open.containsKey(trouble)) {
        Alert alert =
            Alert.newBuilder()
                .setAlertId(trouble.alertId())
                .setSeverity(trouble.severity())
                .setSubject(trouble.subject())
                .setCompanyId("*")
                .setMessage(trouble.message())
                .setAsOf(now)
                .build();
        open.put(trouble, alert);
        changes.add(alert);
      }
    }
    for (Trouble trouble : List.copyOf(open.keySet())) {
      if (!troubles.contains(trouble)) {
        changes.add(Alert.newBuilder(open.remove(trouble)).setResolved(true).setAsOf(now).build());
      }
    }
    return changes;
  }
}
