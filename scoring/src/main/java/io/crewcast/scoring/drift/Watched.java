package io.crewcast.scoring.drift;

import io.crewcast.schemas.EntityType;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.Profile;
import io.crewcast.scoring.model.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One value of a version that is watched.
 *
 * @param name of the input; of an output its own, and {@code label}
 * @param place of an input among the model's inputs; -1 of others
 * @param owner the kind of entity whose value it is; the scored one of what belongs to none
 * @param windows by length, its profile in windows of another length than a day
 * @param isCalendar whether the calendar alone says it
 */
public record Watched(
    String name,
    Role role,
    int place,
    EntityType owner,
    boolean isCalendar,
    Cells cells,
    Map<String, Profile> windows) {

  /** The name of the label among the watched values. */
  public static final String LABEL = "label";

  /** What a watched value is to the model. */
  public enum Role {
    INPUT,
    OUTPUT,
    LABEL
  }

  /**
   * All values of a version that its reference has a profile of: inputs in order, outputs in order,
   * and the label.
   */
  public static List<Watched> of(ModelSpec spec, Reference reference) {
    List<Watched> watched = new ArrayList<>();
    for (int place = 0; place < spec.inputs().size(); place++) {
      ModelSpec.Input input = spec.inputs().get(place);
      Profile profile = reference.inputs().get(input.name());
      if (profile != null) {
        EntityType owner = input.owner() == null ? spec.scores() : input.owner();
        watched.add(
            new Watched(
                input.name(),
                Role.INPUT,
                place,
                owner,
                input.owner() == null,
                new Cells(profile),
                byWindow(reference, input.name())));
      }
    }
    for (String output : spec.outputs()) {
      add(watched, spec, output, Role.OUTPUT, reference.outputs().get(output));
    }
    add(watched, spec, LABEL, Role.LABEL, reference.label());
    return watched;
  }

  private static void add(
      List<Watched> watched, ModelSpec spec, String name, Role role, @Nullable Profile profile) {
    if (profile != null) {
      watched.add(new Watched(name, role, -1, spec.scores(), false, new Cells(profile), Map.of()));
    }
  }

  private static Map<String, Profile> byWindow(Reference reference, String input) {
    Map<String, Profile> byWindow = new HashMap<>();
    reference
        .windows()
        .forEach(
            (length, profiles) -> {
              Profile profile = profiles.get(input);
              if (profile != null) {
                byWindow.put(length, profile);
              }
            });
    return byWindow;
  }

  /**
   * What training held, counted in windows of that length; null where the reference does not say.
   * Answers and labels are the scored entity's, of which each is there once, or nearly so.
   */
  public @Nullable Cells reference(Duration window) {
    if (role != Role.INPUT || isCalendar || window.equals(Duration.ofDays(1))) {
      return cells;
    }
    Profile profile = windows.get(window.toString());
    return profile == null ? null : new Cells(profile);
  }
}
