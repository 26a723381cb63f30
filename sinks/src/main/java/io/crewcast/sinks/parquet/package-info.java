/** The lake: tables of Parquet files by date, each file complete when it is seen. */
@NullMarked
package io.crewcast.sinks.parquet;

import org.jspecify.annotations.NullMarked;
