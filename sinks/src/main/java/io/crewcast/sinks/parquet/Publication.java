package io.crewcast.sinks.parquet;

import java.util.List;

/**
 * Staged rows that become visible together.
 *
 * @param id names the Parquet files, so that publishing twice makes the same files
 * @param staged what to publish
 */
record Publication(String id, List<StagedFile> staged) {}
