/** The command line: one class a command, picocli. */
@NullMarked
package io.crewcast.local.cli;

import org.jspecify.annotations.NullMarked;
