package io.crewcast.scoring.operator;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.AlertSeverity;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/**
 * Says once what is wrong, and once when it is over; under an id that a restart does not change.
 */
final class ModelAlerts {

  /** By id, in the order in which they were opened. */
  private final Map<String, Alert> open = new LinkedHashMap<>();

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
    Set<String> standing = new HashSet<>();
    for (Trouble trouble : troubles) {
      if (standing.add(trouble.alertId()) && !open.containsKey(trouble.alertId())) {
        Alert alert =
            Alert.newBuilder()
                .setAlertId(trouble.alertId())
                .setSeverity(trouble.severity())
                .setSubject(trouble.subject())
                .setCompanyId("*")
                .setMessage(trouble.message())
                .setAsOf(now)
                .build();
        open.put(trouble.alertId(), alert);
        changes.add(alert);
      }
    }
    for (Alert alert : List.copyOf(open.values())) {
      if (!standing.contains(alert.getAlertId())) {
        open.remove(alert.getAlertId());
        changes.add(
            Alert.newBuilder(alert)
                .setResolved(true)
                .setMessage("over: " + alert.getMessage())
                .setAsOf(now)
                .build());
      }
    }
    return changes;
  }

  /** Those that are not over, for a snapshot. */
  Collection<Alert> open() {
    return open.values();
  }

  /** Takes back in what {@link #open} gave out. */
  void restore(Alert alert) {
    open.put(alert.getAlertId(), alert);
  }
}
