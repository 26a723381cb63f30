package io.crewcast.local.verify;

/**
 * A value in SQL.
 *
 * @param sql an expression that stands where a name could stand
 * @param type of the value, where it is not null
 */
record SqlValue(String sql, SqlType type) {}
