/** The tables of a lake, to be asked in SQL. */
@NullMarked
package io.crewcast.local.lake;

import org.jspecify.annotations.NullMarked;
