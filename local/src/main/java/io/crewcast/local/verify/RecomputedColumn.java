package io.crewcast.local.verify;

import java.util.Set;

/**
 * A column as it should be.
 *
 * @param table of row_no and the value
 * @param value the column of the table that holds it
 * @param type of the value
 * @param approximate true where what was emitted may be off by the error of a quantile
 * @param overflowed tables of entity_no that may have held more different values than are told
 *     apart
 */
record RecomputedColumn(
    String table, String value, SqlType type, boolean approximate, Set<String> overflowed) {}
