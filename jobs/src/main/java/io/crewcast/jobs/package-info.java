/** The jobs: what reads what, in which order, and where it goes. */
@NullMarked
package io.crewcast.jobs;

import org.jspecify.annotations.NullMarked;
