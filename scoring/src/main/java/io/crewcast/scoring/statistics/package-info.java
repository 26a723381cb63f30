/** What tests of every kind share: how several of them are judged together. */
@NullMarked
package io.crewcast.scoring.statistics;

import org.jspecify.annotations.NullMarked;
