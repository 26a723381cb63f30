/** What an experiment is: its file, and the statistics by which its variations are compared. */
@NullMarked
package io.crewcast.scoring.experiment;

import org.jspecify.annotations.NullMarked;
