package io.crewcast.local.simulation;

import io.crewcast.schemas.EntityType;

/**
 * What would have come of a request had a candidate been chosen: no event tells it.
 *
 * @param entity kind of the candidate
 * @param grade expected, from 0 to 4, by all causes
 */
public record PotentialOutcome(
    String requestId, String companyId, EntityType entity, String entityId, double grade) {}
