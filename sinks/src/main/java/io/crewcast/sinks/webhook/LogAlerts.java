package io.crewcast.sinks.webhook;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.AlertSeverity;
import org.apache.flink.api.common.functions.MapFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes each alert to the log of its task, in a line. */
public final class LogAlerts implements MapFunction<Alert, String> {

  private static final Logger LOG = LoggerFactory.getLogger(LogAlerts.class);

  @Override
  public String map(Alert alert) {
    String text = AlertText.of(alert);
    if (alert.getSeverity() == AlertSeverity.INFO || alert.getResolved()) {
      LOG.info(text);
    } else {
      LOG.warn(text);
    }
    return text;
  }
}
