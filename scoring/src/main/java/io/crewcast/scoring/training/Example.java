package io.crewcast.scoring.training;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One labelled trigger.
 *
 * @param id of its prediction; breaks ties of time
 * @param asOf when it was triggered
 * @param labelledAt when its label became known
 * @param values of all inputs in order; null where missing
 */
record Example(
    String id, Instant asOf, Instant labelledAt, double label, List<@Nullable Object> values) {}
