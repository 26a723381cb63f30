package io.crewcast.features.window;

import io.crewcast.features.aggregate.Ranked.Observation;
import io.crewcast.features.definition.Hop;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.Packed;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How state lies in bytes: a version, then the fields one after the other. A slot says itself what
 * it is, so that it can be read whatever became of its column.
 */
public final class PackedState {

  private static final int VERSION = 1;

  // a slot's tag; below these, the number of its sums
  private static final int TALLY = 32;
  private static final int TALLY_WITH_OTHER = 33;
  private static final int TALLY_IN_BUCKETS = 34;
  private static final int TALLY_IN_BUCKETS_WITH_OTHER = 35;
  private static final int BEST = 36;
  private static final int BEST_OF_MORE = 37;

  private static final Hop[] HOPS = Hop.values();
  private static final FactKind[] KINDS = FactKind.values();

  private PackedState() {}

  public static EntityState noState() {
    return new EntityState(new PageIndex());
  }

  public static DayPage noPage() {
    return new DayPage();
  }

  public static Entries noEntries() {
    return new Entries();
  }

  public static void write(EntityState state, DataOutput out) throws IOException {
    out.writeByte(VERSION);
    Packed.writeLong(out, state.entityTime);
    Packed.writeLong(out, state.sequence);
    Packed.writeLong(out, state.timer);
    Packed.writeLong(out, state.slots.size());
    for (Slot slot : state.slots) {
      writeSlot(slot, out);
    }
    Packed.writeLong(out, state.edges.size());
    for (WindowEdge edge : state.edges) {
      Packed.writeLong(out, edge.minutes);
      out.writeByte(edge.hop.ordinal());
      out.writeByte(edge.kind.ordinal());
      Packed.writeLong(out, edge.until / Hop.FIVE_MINUTES.micros());
      writeTiles(edge.tiles, out);
    }
    writeIndex(state.pages, out);
  }

  public static EntityState readState(DataInput in) throws IOException {
    requireVersion(in);
    long entityTime = Packed.readLong(in);
    long sequence = Packed.readLong(in);
    long timer = Packed.readLong(in);
    int size = (int) Packed.readLong(in);
    List<@Nullable Slot> slots = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      slots.add(readSlot(in));
    }
    size = (int) Packed.readLong(in);
    List<WindowEdge> edges = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      long minutes = Packed.readLong(in);
      Hop hop = HOPS[in.readByte()];
      FactKind kind = KINDS[in.readByte()];
      long until = Packed.readLong(in) * Hop.FIVE_MINUTES.micros();
      WindowEdge edge = new WindowEdge(minutes, hop, kind, until);
      readTiles(in, edge.tiles);
      edges.add(edge);
    }
    EntityState state = new EntityState(readIndex(in));
    state.entityTime = entityTime;
    state.sequence = sequence;
    state.timer = timer;
    state.slots.addAll(slots);
    state.edges.addAll(edges);
    return state;
  }

  public static void write(DayPage page, DataOutput out) throws IOException {
    out.writeByte(VERSION);
    writeTiles(page.tiles(), out);
    Packed.writeLong(out, page.kept().size());
    for (KeptFact fact : page.kept()) {
      out.writeInt(fact.source());
      Packed.writeLong(out, fact.occurredAt());
      Packed.writeLong(out, fact.recordedAt() - fact.occurredAt());
      Packed.writeText(out, fact.id());
      Packed.writeLong(out, fact.values().size());
      for (Map.Entry<String, @Nullable Object> value : fact.values().entrySet()) {
        Packed.writeText(out, value.getKey());
        Packed.writeValue(out, value.getValue());
      }
    }
  }

  public static DayPage readPage(DataInput in) throws IOException {
    requireVersion(in);
    DayPage page = new DayPage();
    readTiles(in, page.tiles());
    for (long left = Packed.readLong(in); left > 0; left--) {
      int source = in.readInt();
      long occurredAt = Packed.readLong(in);
      long recordedAt = occurredAt + Packed.readLong(in);
      String id = Packed.readText(in);
      int size = (int) Packed.readLong(in);
      Map<String, @Nullable Object> values = new HashMap<>();
      for (int i = 0; i < size; i++) {
        values.put(Packed.readText(in), Packed.readValue(in));
      }
      page.kept().add(new KeptFact(source, occurredAt, recordedAt, id, values));
    }
    return page;
  }

  private static void writeTiles(List<Tile> tiles, DataOutput out) throws IOException {
    Packed.writeLong(out, tiles.size());
    for (Tile tile : tiles) {
      out.writeByte(tile.hop().ordinal());
      Packed.writeLong(out, tile.start() / Hop.FIVE_MINUTES.micros());
      write(tile.entries(), out);
    }
  }

  private static void readTiles(DataInput in, List<Tile> tiles) throws IOException {
    for (long left = Packed.readLong(in); left > 0; left--) {
      Hop hop = HOPS[in.readByte()];
      long start = Packed.readLong(in) * Hop.FIVE_MINUTES.micros();
      tiles.add(new Tile(hop, start, readEntries(in)));
    }
  }

  public static void write(Entries entries, DataOutput out) throws IOException {
    Packed.writeLong(out, entries.length());
    out.write(entries.bytes(), 0, entries.length());
  }

  public static Entries readEntries(DataInput in) throws IOException {
    byte[] bytes = new byte[(int) Packed.readLong(in)];
    in.readFully(bytes);
    return Entries.of(bytes);
  }

  private static void writeSlot(@Nullable Slot slot, DataOutput out) throws IOException {
    if (slot instanceof Sums sums && !Entries.isZero(sums.numbers)) {
      out.writeByte(sums.numbers.length);
      writeNumbers(sums.numbers, out);
    } else if (slot instanceof Tally tally && (tally.size > 0 || tally.other != null)) {
      long[] other = tally.other;
      Entries within = tally.within;
      if (within == null) {
        out.writeByte(other == null ? TALLY_IN_BUCKETS : TALLY_IN_BUCKETS_WITH_OTHER);
      } else {
        out.writeByte(other == null ? TALLY : TALLY_WITH_OTHER);
      }
      Packed.writeLong(out, tally.size);
      if (within != null) {
        write(within, out);
      }
      if (other != null) {
        out.writeInt(tally.limit);
        Packed.writeLong(out, other.length);
        writeNumbers(other, out);
      }
    } else if (slot instanceof Best best && !(best.first.isEmpty() && best.sealed.isEmpty())) {
      out.writeByte(best.more ? BEST_OF_MORE : BEST);
      writeObservations(best.first, out);
      writeObservations(best.sealed, out);
    } else {
      out.writeByte(0);
    }
  }

  private static @Nullable Slot readSlot(DataInput in) throws IOException {
    int tag = in.readByte();
    if (tag == 0) {
      return null;
    } else if (tag < TALLY) {
      return new Sums(readNumbers(tag, in));
    } else if (tag == BEST || tag == BEST_OF_MORE) {
      return new Best(readObservations(in), readObservations(in), tag == BEST_OF_MORE);
    }
    int size = (int) Packed.readLong(in);
    Entries within = tag == TALLY || tag == TALLY_WITH_OTHER ? readEntries(in) : null;
    if (tag == TALLY || tag == TALLY_IN_BUCKETS) {
      return new Tally(size, 0, null, within);
    }
    int limit = in.readInt();
    return new Tally(size, limit, readNumbers((int) Packed.readLong(in), in), within);
  }

  private static void writeObservations(List<Observation> observations, DataOutput out)
      throws IOException {
    Packed.writeLong(out, observations.size());
    for (Observation seen : observations) {
      Packed.writeLong(out, seen.occurredAt());
      Packed.writeText(out, seen.id());
      Packed.writeValue(out, seen.value());
    }
  }

  private static List<Observation> readObservations(DataInput in) throws IOException {
    int size = (int) Packed.readLong(in);
    List<Observation> observations = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      long occurredAt = Packed.readLong(in);
      String id = Packed.readText(in);
      Object value = Packed.readValue(in);
      if (value == null) {
        throw new IOException("an observation without a value: other code wrote it");
      }
      observations.add(new Observation(occurredAt, id, value));
    }
    return observations;
  }

  private static void writeIndex(PageIndex index, DataOutput out) throws IOException {
    for (int kind = 0; kind < PageIndex.KINDS; kind++) {
      PageIndex.Days days = index.kinds[kind];
      if (days != null && !days.there.isEmpty()) {
        out.writeByte(kind + 1);
        int skipped = days.there.nextSetBit(0);
        Packed.writeLong(out, days.first + skipped);
        byte[] bits = days.there.get(skipped, days.there.length()).toByteArray();
        Packed.writeLong(out, bits.length);
        out.write(bits);
      }
    }
    out.writeByte(0);
  }

  private static PageIndex readIndex(DataInput in) throws IOException {
    PageIndex index = new PageIndex();
    for (int kind = in.readByte(); kind > 0; kind = in.readByte()) {
      long first = Packed.readLong(in);
      byte[] bits = new byte[(int) Packed.readLong(in)];
      in.readFully(bits);
      index.kinds[kind - 1] = new PageIndex.Days(first, BitSet.valueOf(bits));
    }
    return index;
  }

  private static void writeNumbers(long[] numbers, DataOutput out) throws IOException {
    for (long number : numbers) {
      Packed.writeLong(out, number);
    }
  }

  private static long[] readNumbers(int size, DataInput in) throws IOException {
    long[] numbers = new long[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = Packed.readLong(in);
    }
    return numbers;
  }

  private static void requireVersion(DataInput in) throws IOException {
    int version = in.readByte();
    if (version != VERSION) {
      throw new IOException(
          "State of version %d, this job reads %d: start it without the savepoint"
              .formatted(version, VERSION));
    }
  }
}
