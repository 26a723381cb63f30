/** Expressions in CEL over the fields of facts and the columns of feature vectors. */
@NullMarked
package io.crewcast.schemas.expression;

import org.jspecify.annotations.NullMarked;
