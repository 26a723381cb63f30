package io.crewcast.features.aggregate;

import java.util.List;

/**
 * What one observation adds to a feature.
 *
 * @param key empty, or what tells this observation from others: the distinct value, the candidate
 * @param sums whole numbers to add, or to take away when the observation is retracted
 */
public record Contribution(String key, List<Long> sums) {}
