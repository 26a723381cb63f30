/** What other programs rely on, as documents that their tools read. */
@NullMarked
package io.crewcast.local.contract;

import org.jspecify.annotations.NullMarked;
