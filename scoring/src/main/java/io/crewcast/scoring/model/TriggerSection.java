package io.crewcast.scoring.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.expression.FactFields;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What stands under {@code trigger} in a model's file. */
record TriggerSection(
    @Nullable String from,
    @Nullable String when,
    @JsonProperty("once_per") @Nullable String oncePer,
    @Nullable String every,
    @JsonProperty("active_within") @Nullable String activeWithin) {

  private static final String SECTION = "trigger";
  private static final Pattern PERIOD = Pattern.compile("([1-9]\\d{0,3})([mhd])");

  ModelSpec.Trigger checked(ModelFile file) {
    FactKind kind =
        every == null
            ? file.kind(file.required(SECTION, from, "from"))
            : FactKind.PREDICTION_REQUESTED; // a schedule asks as others do
    if (kind == FactKind.PREDICTION_REQUESTED) {
      if (when != null || oncePer != null) {
        throw file.fault(
            SECTION,
            "requests and schedules are answered whatever holds; remove when and once_per");
      }
      return new ModelSpec.Trigger(
          kind, null, null, every == null ? null : schedule(every, file), Duration.ZERO);
    }
    Map<String, ValueType> fields = FactFields.types(kind);
    if (oncePer != null && fields.get(oncePer) != ValueType.STRING) {
      throw file.fault(oncePer, "once_per needs a text field of " + kind.yamlName());
    }
    if (activeWithin != null) {
      throw file.fault("active_within", "active_within goes with every; remove it");
    }
    return new ModelSpec.Trigger(
        kind,
        file.condition(file.required(SECTION, when, "when"), kind),
        oncePer,
        null,
        Duration.ZERO);
  }

  private ModelSpec.Schedule schedule(String period, ModelFile file) {
    if (from != null) {
      throw file.fault(SECTION, "from is what triggers, every is a schedule; keep one of both");
    }
    Duration between = period(period, "every", file);
    Duration active = activeWithin == null ? between : period(activeWithin, "active_within", file);
    if (active.compareTo(between) < 0) {
      throw file.fault(
          "active_within",
          "active_within %s is shorter than every %s: an entity would be left out by chance; write %s or more"
              .formatted(activeWithin, every, every));
    }
    return new ModelSpec.Schedule(between, active);
  }

  private static Duration period(String text, String name, ModelFile file) {
    var matcher = PERIOD.matcher(text);
    if (!matcher.matches()) {
      throw file.fault(
          SECTION, name, "%s: '%s' is no period; write such as 5m, 1h or 7d".formatted(name, text));
    }
    long amount = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "m" -> Duration.ofMinutes(amount);
      case "h" -> Duration.ofHours(amount);
      default -> Duration.ofDays(amount);
    };
  }
}
