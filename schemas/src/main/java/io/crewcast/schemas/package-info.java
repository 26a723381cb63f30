/** What enters, moves through and leaves Crewcast. */
@NullMarked
package io.crewcast.schemas;

import org.jspecify.annotations.NullMarked;
