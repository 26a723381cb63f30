/** Watches models while they serve: drift, quality of data, performance, and what to alert of. */
@NullMarked
package io.crewcast.scoring.monitor;

import org.jspecify.annotations.NullMarked;
