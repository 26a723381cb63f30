package io.crewcast.scoring.trial;

import io.crewcast.schemas.Alert;
import io.crewcast.schemas.AlertSeverity;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.RolloutStage;
import io.crewcast.scoring.experiment.ExperimentSpec;
import io.crewcast.scoring.experiment.Move;
import io.crewcast.scoring.rollout.Lineup;
import io.crewcast.scoring.rollout.Timeline;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A move of an experiment as others are told of it: by rollouts, and by an alert. The same move
 * away from the same line-up has the same identity whenever it is made.
 *
 * @param serving the line-up that it is away from
 */
record Steering(ExperimentSpec experiment, Lineup serving, Move move) {

  /** From publication on; more than the notice that an activation needs. */
  private static final Duration LEAD = Timeline.NOTICE.plusMillis(300);

  /** The identity of the move, and of its rollout. */
  String id() {
    return move instanceof Move.Grow grow
        ? "ramp-" + uuid(grow.coverage() + "\u0001" + serving.rolloutId())
        : "stop-" + uuid(serving.rolloutId());
  }

  private String uuid(String of) {
    String name = experiment.name() + '\u0001' + of;
    return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
  }

  /**
   * The rollout in its two phases. Nothing is to be loaded that does not serve already, so that one
   * can follow the other at once.
   *
   * @param now by the clock
   */
  List<ModelRollout> rollout(Instant now) {
    boolean grows = move instanceof Move.Grow;
    ModelRollout prepared =
        ModelRollout.newBuilder()
            .setModel(experiment.model())
            .setRolloutId(id())
            .setStage(RolloutStage.PREPARE)
            .setChampion(serving.champion())
            .setChallenger(grows ? serving.challenger() : null)
            .setCoverage(move instanceof Move.Grow grow ? grow.coverage() : 0)
            .setShadows(serving.shadows())
            .setExperiment(grows ? experiment.name() : null)
            .setPublishedAt(now)
            .setReason("%s: %s".formatted(subject(), reason()))
            .setReplaces(serving.record())
            .build();
    ModelRollout activated =
        ModelRollout.newBuilder(prepared)
            .setStage(RolloutStage.ACTIVATE)
            .setEffectiveAt(now.plus(LEAD))
            .build();
    return List.of(prepared, activated);
  }

  /**
   * What a person should know.
   *
   * @param asOf event time of the move
   */
  Alert alert(Instant asOf) {
    boolean stops = move instanceof Move.Stop;
    return Alert.newBuilder()
        .setAlertId(uuid("alert\u0001" + id()))
        .setSeverity(stops ? AlertSeverity.CRITICAL : AlertSeverity.INFO)
        .setSubject(subject())
        .setCompanyId("*")
        .setMessage("%s: %s. %s".formatted(experiment.name(), reason(), done()))
        .setValue(value())
        .setThreshold(move instanceof Move.Stop stop ? stop.because().threshold() : null)
        .setAsOf(asOf)
        .build();
  }

  private String subject() {
    return "experiment." + experiment.name();
  }

  private @Nullable Double value() {
    return move instanceof Move.Grow grow
        ? Double.valueOf(grow.coverage())
        : move instanceof Move.Stop stop ? Double.valueOf(stop.because().value()) : null;
  }

  private String reason() {
    return move instanceof Move.Stop stop
        ? stop.because().reason()
        : "%s of the units for %s, and no harm is shown"
            .formatted(percent(serving.coverage()), inWords(experiment.ramp().hold()));
  }

  private String done() {
    if (experiment.ramp().isAutomatic()) {
      return move instanceof Move.Grow grow
          ? "%s are on trial from now on (%s)".formatted(percent(grow.coverage()), id())
          : "Version %d of %s serves all again (%s)"
              .formatted(serving.champion(), experiment.model(), id());
    }
    String rollout =
        "./crewcast models rollout %s --champion %d"
            .formatted(experiment.model(), serving.champion());
    if (move instanceof Move.Grow grow) {
      String challenger =
          serving.challenger() == null ? "" : " --challenger " + serving.challenger();
      return "Go on with %s%s --coverage %s --experiment %s"
          .formatted(rollout, challenger, percent(grow.coverage()), experiment.name());
    }
    return "Stop it with " + rollout;
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.4g%%", 100 * share).replaceFirst("\\.?0+%$", "%");
  }

  private static String inWords(Duration hold) {
    return hold.toHours() % 24 == 0 ? hold.toDays() + " d" : hold.toHours() + " h";
  }
}
