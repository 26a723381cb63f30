package io.crewcast.scoring.model;

import com.fasterxml.jackson.databind.JsonNode;
import io.crewcast.schemas.DriftReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What stands under {@code monitor} in a model's file. */
record MonitorSection(
    @Nullable JsonNode drift,
    @Nullable String against,
    @Nullable String by,
    @Nullable Integer entities,
    @Nullable String confirm,
    @Nullable String label,
    @Nullable List<String> alerts) {

  private static final String SECTION = "monitor";
  private static final Pattern CONFIRM = Pattern.compile("([1-9]) of ([1-9])");
  private static final Pattern LIMIT =
      Pattern.compile("([a-z][a-z0-9_@]*) ([<>]) (-?[0-9]+(?:\\.[0-9]+)?)");
  private static final List<Duration> WINDOWS = List.of(Duration.ofHours(1), Duration.ofDays(1));
  private static final Duration LONGEST = Duration.ofDays(7);
  private static final int ENTITIES = 200;
  private static final List<DriftReference> OF_DRIFT =
      List.of(DriftReference.TRAINING, DriftReference.LAST_WEEK);

  /** Where nothing stands. */
  static final MonitorSection NONE = new MonitorSection(null, null, null, null, null, null, null);

  ModelSpec.Monitor checked(ProblemType problem, ModelFile file) {
    if (by != null && !by.equals("company")) {
      throw file.fault(SECTION, by, "by: '%s'; write company, or leave it out".formatted(by));
    }
    if (entities != null && entities < 1) {
      throw file.fault(SECTION, "entities", "entities: %d; write 1 or more".formatted(entities));
    }
    int[] confirmed = confirmed(file);
    List<ModelSpec.Limit> limits = new ArrayList<>();
    for (String alert : alerts == null ? List.<String>of() : alerts) {
      limits.add(limit(alert, problem, file));
    }
    return new ModelSpec.Monitor(
        windows(file),
        references(file),
        by != null,
        entities == null ? ENTITIES : entities,
        confirmed[0],
        confirmed[1],
        label,
        limits);
  }

  private List<Duration> windows(ModelFile file) {
    if (drift == null) {
      return WINDOWS;
    }
    List<Duration> windows = new ArrayList<>();
    for (JsonNode window : drift.isArray() ? drift : List.of(drift)) {
      Duration length = file.span(window.asText());
      if (length.compareTo(LONGEST) > 0) {
        throw file.fault(
            SECTION,
            window.asText(),
            "drift: %s; windows are at most 7d".formatted(window.asText()));
      }
      windows.add(length);
    }
    if (windows.isEmpty()) {
      throw file.fault(SECTION, "drift", "drift is empty; write windows such as [1h, 1d]");
    }
    return windows;
  }

  private List<DriftReference> references(ModelFile file) {
    if (against == null) {
      return OF_DRIFT;
    }
    return OF_DRIFT.stream()
        .filter(reference -> reference.name().toLowerCase(Locale.ROOT).equals(against))
        .findFirst()
        .map(List::of)
        .orElseThrow(
            () ->
                file.fault(
                    SECTION,
                    against,
                    "against: '%s'; write training or last_week, or leave it out for both"
                        .formatted(against)));
  }

  /** How many of the last how many windows must be bad. */
  private int[] confirmed(ModelFile file) {
    Matcher matcher = CONFIRM.matcher(confirm == null ? "2 of 3" : confirm);
    if (!matcher.matches() || matcher.group(1).compareTo(matcher.group(2)) > 0) {
      throw file.fault(
          SECTION, "confirm", "confirm: '%s'; write such as 2 of 3".formatted(confirm));
    }
    return new int[] {Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))};
  }

  private static ModelSpec.Limit limit(String alert, ProblemType problem, ModelFile file) {
    Matcher matcher = LIMIT.matcher(alert);
    if (!matcher.matches()) {
      throw file.fault(
          SECTION, alert, "alerts: '%s' is none; write such as auc < 0.70".formatted(alert));
    }
    String metric = matcher.group(1);
    if (!problem.figures().contains(metric)) {
      throw file.fault(
          SECTION,
          alert,
          "alerts: no figure '%s' of this model; use one of %s"
              .formatted(metric, String.join(", ", problem.figures())));
    }
    return new ModelSpec.Limit(
        metric, matcher.group(2).equals("<"), Double.parseDouble(matcher.group(3)));
  }
}
