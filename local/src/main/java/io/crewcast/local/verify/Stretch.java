package io.crewcast.local.verify;

/**
 * What contributions of a fact count in a window: each from the row that applied it to the row that
 * took it back or, in a window, to the first row whose window begins after it. Since entity time
 * never falls, that is one stretch of rows.
 */
record Stretch(String fact, FeatureWindow window) {}
