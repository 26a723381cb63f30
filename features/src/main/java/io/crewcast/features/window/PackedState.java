package io.crewcast.features.window;

import io.crewcast.schemas.Packed;
import io.crewcast.schemas.state.EntityHeader;
import io.crewcast.schemas.state.ExpiringWindow;
import io.crewcast.schemas.state.Kept;
import io.crewcast.schemas.state.Partial;
import io.crewcast.schemas.state.Running;
import io.crewcast.schemas.state.Tile;
import io.crewcast.schemas.state.TilePage;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How state lies in bytes: a version, then the fields one after the other. */
public final class PackedState {

  private static final int VERSION = 1;

  private PackedState() {}

  public static void write(EntityHeader header, DataOutput out) throws IOException {
    out.writeByte(VERSION);
    Packed.writeLong(out, header.getEntityTime());
    Packed.writeLong(out, header.getSequence());
    Packed.writeLong(out, header.getTimer());
    List<Running> columns = header.getRunning();
    Packed.writeLong(out, columns.size());
    for (Running running : columns) {
      out.writeInt(running.getColumn());
      writeSums(running.getSums(), out);
      Packed.writeValue(out, running.getLast());
      Packed.writeValue(out, running.getSealed());
    }
    List<ExpiringWindow> windows = header.getWindows();
    Packed.writeLong(out, windows.size());
    for (ExpiringWindow window : windows) {
      Packed.writeLong(out, window.getMinutes());
      Packed.writeLong(out, window.getOldest());
    }
    writeSums(header.getPages(), out);
  }

  public static EntityHeader readHeader(DataInput in) throws IOException {
    requireVersion(in);
    long entityTime = Packed.readLong(in);
    long sequence = Packed.readLong(in);
    long timer = Packed.readLong(in);
    int size = (int) Packed.readLong(in);
    List<Running> columns = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      columns.add(new Running(in.readInt(), readSums(in), readText(in), readText(in)));
    }
    size = (int) Packed.readLong(in);
    List<ExpiringWindow> windows = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      windows.add(new ExpiringWindow(Packed.readLong(in), Packed.readLong(in)));
    }
    return new EntityHeader(entityTime, sequence, timer, columns, windows, readSums(in));
  }

  public static void write(TilePage page, DataOutput out) throws IOException {
    out.writeByte(VERSION);
    List<Tile> tiles = page.getTiles();
    Packed.writeLong(out, tiles.size());
    for (Tile tile : tiles) {
      Packed.writeLong(out, tile.getStart());
      List<Partial> partials = tile.getPartials();
      Packed.writeLong(out, partials.size());
      for (Partial partial : partials) {
        out.writeInt(partial.getFeature());
        Packed.writeText(out, partial.getKey());
        writeSums(partial.getSums(), out);
      }
      List<Kept> kept = tile.getKept();
      Packed.writeLong(out, kept.size());
      for (Kept one : kept) {
        Packed.writeText(out, one.getKey());
        Packed.writeLong(out, one.getValues().size());
        for (Map.Entry<String, Object> value : one.getValues().entrySet()) {
          Packed.writeText(out, value.getKey());
          Packed.writeValue(out, value.getValue());
        }
      }
    }
  }

  public static TilePage readPage(DataInput in) throws IOException {
    requireVersion(in);
    int size = (int) Packed.readLong(in);
    List<Tile> tiles = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      tiles.add(new Tile(Packed.readLong(in), readPartials(in), readKept(in)));
    }
    return new TilePage(tiles);
  }

  private static List<Partial> readPartials(DataInput in) throws IOException {
    int size = (int) Packed.readLong(in);
    List<Partial> partials = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      partials.add(new Partial(in.readInt(), Packed.readText(in), readSums(in)));
    }
    return partials;
  }

  private static List<Kept> readKept(DataInput in) throws IOException {
    int size = (int) Packed.readLong(in);
    List<Kept> kept = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      String key = Packed.readText(in);
      int entries = (int) Packed.readLong(in);
      Map<String, Object> values = new HashMap<>();
      for (int j = 0; j < entries; j++) {
        values.put(Packed.readText(in), Packed.readValue(in));
      }
      kept.add(new Kept(key, values));
    }
    return kept;
  }

  /** Whole numbers, as many as there are. */
  public static void writeSums(List<Long> sums, DataOutput out) throws IOException {
    Packed.writeLong(out, sums.size());
    for (long sum : sums) {
      Packed.writeLong(out, sum);
    }
  }

  public static List<Long> readSums(DataInput in) throws IOException {
    int size = (int) Packed.readLong(in);
    List<Long> sums = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      sums.add(Packed.readLong(in));
    }
    return sums;
  }

  private static @Nullable String readText(DataInput in) throws IOException {
    return (String) Packed.readValue(in);
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
