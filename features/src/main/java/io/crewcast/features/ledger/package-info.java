/** Which version of a fact stands, and what a new one changes. Knows nothing of Flink. */
@NullMarked
package io.crewcast.features.ledger;

import org.jspecify.annotations.NullMarked;
