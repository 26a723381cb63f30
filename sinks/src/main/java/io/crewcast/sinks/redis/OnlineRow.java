package io.crewcast.sinks.redis;

import java.util.List;

/**
 * What is written of an entity at once.
 *
 * @param key of its hash
 * @param arguments as {@link FeastView#row} lays them out
 */
@SuppressWarnings("ArrayRecordComponent") // bytes for the wire; never compared
record OnlineRow(byte[] key, List<byte[]> arguments) {}
