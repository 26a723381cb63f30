package io.crewcast.local.ingest;

import java.util.List;
import java.util.function.Predicate;

/** One file that a mapping reads: which rows count, and the events that each may become. */
record SourceFile(CsvFile file, Predicate<Row> filter, List<EventTemplate> events) {}
