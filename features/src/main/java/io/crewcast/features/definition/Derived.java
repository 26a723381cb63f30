package io.crewcast.features.definition;

import io.crewcast.schemas.expression.Expression;
import java.io.Serializable;

/**
 * A column computed from other columns of the same vector.
 *
 * @param name of the column
 * @param is over the columns before it
 * @param unit of its values; empty without one
 * @param about what it means
 */
public record Derived(String name, Expression is, String unit, String about)
    implements Serializable {}
