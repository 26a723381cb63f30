/** What a run amounts to: figures read and recomputed from the lake. */
@NullMarked
package io.crewcast.local.report;

import org.jspecify.annotations.NullMarked;
