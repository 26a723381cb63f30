package io.crewcast.scoring.drift;

import io.crewcast.schemas.EntityType;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.Profile;
import io.crewcast.scoring.model.Reference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One value of a version that is watched.
 *
 * @param name of the input; of an output its own, and {@code label}
 * @param place of an input among the model's inputs; -1 of others
 * @param owner the kind of entity whose value it is; the scored one of what belongs to none
 * @param isCalendar whether the calendar alone says it
 */
public record Watched(
    String name, Role role, int place, EntityType owner, boolean isCalendar, Cells cells) {

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
                input.name(), Role.INPUT, place, owner, input.owner() == null, new Cells(profile)));
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
      watched.add(new Watched(name, role, -1, spec.scores(), false, new Cells(profile)));
    }
  }
}
