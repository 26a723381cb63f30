package io.crewcast.features.window;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A fact of which more must be known than sums tell: values that were computed from other entities
 * when it was applied, so that taking it back removes what was added; values that come in an order,
 * so that the next one is known when the first is taken back.
 *
 * @param source hash of the source's name
 * @param occurredAt microseconds
 * @param recordedAt microseconds
 * @param id of the event, and of the fact where the fact alone does not tell its values
 * @param values by name
 */
record KeptFact(
    int source,
    long occurredAt,
    long recordedAt,
    String id,
    Map<String, @Nullable Object> values) {}
