/** Scores that are asked for: by requests, with one candidate or several, and by schedules. */
@NullMarked
package io.crewcast.scoring.request;

import org.jspecify.annotations.NullMarked;
