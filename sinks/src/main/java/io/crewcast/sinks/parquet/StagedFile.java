package io.crewcast.sinks.parquet;

import org.apache.flink.core.fs.Path;

/**
 * Rows of many days that are safe on disk and wait for their publication.
 *
 * @param path of the file, outside of every partition
 * @param bytes its length
 * @param stagedAtMillis when it was closed, by the task's clock
 */
record StagedFile(Path path, long bytes, long stagedAtMillis) {}
