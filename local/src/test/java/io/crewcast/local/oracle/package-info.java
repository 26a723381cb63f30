/** What consumers see of a run, to be held against its lake. */
@NullMarked
package io.crewcast.local.oracle;

import org.jspecify.annotations.NullMarked;
