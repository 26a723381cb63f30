/** The whole way in one run, from events to an account of what became of each. */
@NullMarked
package io.crewcast.local.demo;

import org.jspecify.annotations.NullMarked;
