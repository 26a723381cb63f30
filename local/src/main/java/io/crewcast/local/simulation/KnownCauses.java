package io.crewcast.local.simulation;

/**
 * What was known of a task when it started by one who knows all causes: no event tells it.
 *
 * @param effort mean of the logarithm of actual over planned minutes
 * @param defect probability that it leaves a defect
 */
public record KnownCauses(String companyId, String taskId, double effort, double defect) {}
