package io.crewcast.features.window;

import io.crewcast.features.aggregate.Aggregation;
import io.crewcast.features.aggregate.Candidate;
import io.crewcast.features.aggregate.Contribution;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.definition.FactSource;
import io.crewcast.features.definition.Feature;
import io.crewcast.features.definition.Hop;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.expression.FactFields;
import io.crewcast.schemas.state.EntityHeader;
import io.crewcast.schemas.state.ExpiringWindow;
import io.crewcast.schemas.state.Kept;
import io.crewcast.schemas.state.Partial;
import io.crewcast.schemas.state.Running;
import io.crewcast.schemas.state.Tile;
import io.crewcast.schemas.stream.Fact;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Moves the features of an entity through time.
 *
 * <p>Facts add to the tile of their {@code occurred_at}; a column's running partial is the sum of
 * the tiles in its window. A change adds to both; as time passes, tiles that leave a window are
 * taken away from its running partials. So a change costs the same for every length of window.
 *
 * <p>At entity time T a window W with hop h covers facts with {@code floor_h(T - W) <=
 * occurred_at}. All times are microseconds.
 */
public final class FeatureWindows {

  private static final long MICROS_A_MINUTE = 60_000_000;
  private static final long NONE = Long.MAX_VALUE;
  private static final char SEPARATOR = '\u0001';

  /**
   * Tiles are kept this long, so that lifetime values can be corrected too; no column has this
   * window, it only seals what can no longer be taken back.
   */
  private static final long CORRECTABLE_MINUTES = EntityDefinition.CORRECTABLE_FOR.toMinutes();

  private final EntityDefinition definition;
  private final FeatureSchema schema;
  private final List<Column> columns = new ArrayList<>();
  private final Map<Integer, List<Integer>> columnsOfFeature = new HashMap<>();
  private final Map<FactSource, List<Feature>> featuresOfSource = new LinkedHashMap<>();
  private final Map<Integer, Set<Hop>> hopsOfFeature = new HashMap<>();
  private final TreeMap<Long, Hop> windows = new TreeMap<>();
  private final EnumMap<Hop, Long> horizons = new EnumMap<>(Hop.class);

  public FeatureWindows(EntityDefinition definition) {
    this.definition = definition;
    this.schema = definition.schema();
    for (Feature feature : definition.features()) {
      featuresOfSource.computeIfAbsent(feature.source(), s -> new ArrayList<>()).add(feature);
      Set<Hop> hops = EnumSet.noneOf(Hop.class);
      for (var window : feature.windows()) {
        Column column = Column.of(feature, window);
        columnsOfFeature.computeIfAbsent(feature.id(), id -> new ArrayList<>()).add(columns.size());
        columns.add(column);
        Hop hop = column.hop();
        if (hop != null) {
          hops.add(hop);
          windows.put(column.minutes(), hop);
        } else if (feature.aggregation() == Aggregation.LAST) {
          hops.add(Hop.DAY);
        }
      }
      hopsOfFeature.put(feature.id(), hops);
    }
    boolean keeps = featuresOfSource.keySet().stream().anyMatch(FactSource::readsOthers);
    boolean seals = columns.stream().anyMatch(FeatureWindows::seals);
    if (keeps || seals) {
      windows.put(CORRECTABLE_MINUTES, Hop.DAY);
    }
    windows.forEach((minutes, hop) -> horizons.merge(hop, minutes, Math::max));
  }

  /** The state of an entity of which nothing is known. */
  public EntityHeader unknown() {
    EntityHeader header =
        new EntityHeader(
            Long.MIN_VALUE, 0L, 0L, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    return align(header);
  }

  /** Fits state to the definition: columns that are new start empty, those that are gone leave. */
  public EntityHeader align(EntityHeader header) {
    if (!isAligned(header)) {
      Map<Integer, Running> running = new HashMap<>();
      header.getRunning().forEach(partial -> running.put(partial.getColumn(), partial));
      header.setRunning(new ArrayList<>());
      for (Column column : columns) {
        Running empty = new Running(column.id(), zeros(column.feature()), null, null);
        header.getRunning().add(running.getOrDefault(column.id(), empty));
      }
      Map<Long, ExpiringWindow> expiring = new HashMap<>();
      header.getWindows().forEach(window -> expiring.put(window.getMinutes(), window));
      header.setWindows(new ArrayList<>());
      for (long minutes : windows.keySet()) {
        header.getWindows().add(expiring.getOrDefault(minutes, new ExpiringWindow(minutes, NONE)));
      }
    }
    return header;
  }

  private boolean isAligned(EntityHeader header) {
    if (header.getRunning().size() != columns.size()
        || header.getWindows().size() != windows.size()) {
      return false;
    }
    for (int i = 0; i < columns.size(); i++) {
      if (header.getRunning().get(i).getColumn() != columns.get(i).id()) {
        return false;
      }
    }
    int i = 0;
    for (long minutes : windows.keySet()) {
      if (header.getWindows().get(i++).getMinutes() != minutes) {
        return false;
      }
    }
    return true;
  }

  /**
   * One step of knowledge at an entity: time moves on, then a version is taken back, then one is
   * applied.
   *
   * @param header changed in place
   * @param recordedAt when the source knew
   * @param visited values of the entities visited before, by {@code entity.column}
   */
  public void change(
      EntityHeader header,
      EntityStore store,
      long recordedAt,
      @Nullable Fact retracted,
      @Nullable Fact applied,
      Function<String, @Nullable Object> visited) {
    Pages pages = new Pages(header, store);
    advance(header, pages, store, Math.max(recordedAt, header.getEntityTime()));
    if (retracted != null) {
      add(header, pages, store, retracted, -1, visited);
    }
    if (applied != null) {
      add(header, pages, store, applied, 1, visited);
    }
    header.setSequence(header.getSequence() + 1);
    pages.flush();
  }

  /**
   * Lets time pass up to {@code time} if a fact leaves a window by then; otherwise the entity is as
   * it was, its time too.
   *
   * @return true when a fact left a window
   */
  public boolean expire(EntityHeader header, EntityStore store, long time) {
    Pages pages = new Pages(header, store);
    boolean expires = false;
    for (ExpiringWindow window : header.getWindows()) {
      expires |= expires(pages, window, lower(time, window.getMinutes(), hop(window.getMinutes())));
    }
    if (expires) {
      advance(header, pages, store, time);
      pages.flush();
    }
    return expires;
  }

  /** Whether a fact is in the window before {@code lower}; if not, it forgets the tiles there. */
  private boolean expires(Pages pages, ExpiringWindow window, long lower) {
    if (window.getMinutes() == CORRECTABLE_MINUTES || window.getOldest() >= lower) {
      return false;
    }
    Hop hop = hop(window.getMinutes());
    for (Tile tile : pages.tilesBetween(hop, window.getOldest(), lower)) {
      if (tile.getPartials().stream().anyMatch(partial -> counts(partial, window))) {
        return true;
      }
    }
    window.setOldest(pages.oldest(hop, lower));
    return false;
  }

  private boolean counts(Partial partial, ExpiringWindow window) {
    return columnsOf(partial.getFeature()).stream()
        .anyMatch(i -> columns.get(i).minutes() == window.getMinutes());
  }

  /** The time at which the next tile leaves a window; {@link Long#MAX_VALUE} when none will. */
  public long nextExpiry(EntityHeader header) {
    long next = NONE;
    for (ExpiringWindow window : header.getWindows()) {
      if (window.getMinutes() != CORRECTABLE_MINUTES && window.getOldest() != NONE) {
        Hop hop = hop(window.getMinutes());
        next =
            Math.min(
                next, window.getOldest() + hop.micros() + window.getMinutes() * MICROS_A_MINUTE);
      }
    }
    return next;
  }

  /**
   * The feature vector as of the entity's time.
   *
   * @param event whose {@code by} value chooses the share of split features; null for none
   */
  public List<@Nullable Object> vector(
      EntityHeader header, EntityStore store, @Nullable Fact event) {
    List<@Nullable Object> values = new ArrayList<>(schema.columns().size());
    for (int i = 0; i < columns.size(); i++) {
      values.add(value(columns.get(i), header.getRunning().get(i), store, event));
    }
    definition
        .derived()
        .forEach(
            column -> values.add(column.is().evaluate(name -> values.get(schema.indexOf(name)))));
    return values;
  }

  private @Nullable Object value(
      Column column, Running running, EntityStore store, @Nullable Fact event) {
    Feature feature = column.feature();
    if (feature.aggregation() == Aggregation.LAST) {
      return running.getLast() == null ? null : Candidate.value(running.getLast());
    }
    List<Long> sums = running.getSums();
    if (feature.by() != null) {
      Object share = event == null ? null : FactFields.value(event, feature.by());
      if (share == null) {
        return null;
      }
      sums = Objects.requireNonNullElse(store.sums(key(column, (String) share)), zeros(feature));
    }
    return feature.aggregation().result(sums, feature.inputType(), feature.divisor());
  }

  private void add(
      EntityHeader header,
      Pages pages,
      EntityStore store,
      Fact fact,
      int sign,
      Function<String, @Nullable Object> visited) {
    long occurredAt = Instants.micros(fact.getEvent().getOccurredAt());
    featuresOfSource.forEach(
        (source, features) -> {
          if (source.matches(fact)) {
            Map<String, Object> let = let(header, pages, source, fact, occurredAt, sign, visited);
            for (Feature feature : features) {
              Object input =
                  source.let().containsKey(feature.input())
                      ? let.get(feature.input())
                      : FactFields.value(fact, feature.input());
              Contribution contribution = contribution(feature, fact, input, occurredAt);
              if (contribution != null) {
                add(header, pages, store, feature, contribution, occurredAt, sign);
              }
            }
          }
        });
  }

  private static @Nullable Contribution contribution(
      Feature feature, Fact fact, @Nullable Object input, long occurredAt) {
    Contribution contribution =
        feature.aggregation().contribution(input, occurredAt, fact.getEvent().getEventId());
    if (contribution == null || feature.by() == null) {
      return contribution;
    }
    Object share = FactFields.value(fact, feature.by());
    return share == null ? null : new Contribution((String) share, contribution.sums());
  }

  private void add(
      EntityHeader header,
      Pages pages,
      EntityStore store,
      Feature feature,
      Contribution contribution,
      long occurredAt,
      int sign) {
    for (Hop hop : hops(feature)) {
      if (occurredAt >= horizon(header, hop)) {
        Tile tile = pages.change(hop, group(feature.source()), hop.floor(occurredAt));
        addToTile(tile, feature, contribution, sign);
      }
    }
    for (int i : columnsOf(feature.id())) {
      Column column = columns.get(i);
      Running running = header.getRunning().get(i);
      Hop hop = column.hop();
      if (hop == null) {
        if (feature.aggregation() == Aggregation.LAST) {
          seal(header, running, contribution.key(), occurredAt, sign);
        }
        addToRunning(header, pages, store, column, running, contribution, sign);
      } else if (occurredAt >= lower(header, column.minutes(), hop)) {
        addToRunning(header, pages, store, column, running, contribution, sign);
        ExpiringWindow window = window(header, column.minutes());
        window.setOldest(Math.min(window.getOldest(), hop.floor(occurredAt)));
      }
    }
    if (seals(feature) && occurredAt >= horizon(header, Hop.DAY)) {
      ExpiringWindow window = window(header, CORRECTABLE_MINUTES);
      window.setOldest(Math.min(window.getOldest(), Hop.DAY.floor(occurredAt)));
    }
  }

  /** A candidate older than all tiles is known by the running partial alone. */
  private void seal(
      EntityHeader header, Running running, String candidate, long occurredAt, int sign) {
    if (sign < 0 && candidate.equals(running.getSealed())) {
      running.setSealed(null);
    } else if (sign > 0 && occurredAt < horizon(header, Hop.DAY)) {
      running.setSealed(later(running.getSealed(), candidate));
    }
  }

  private void addToRunning(
      EntityHeader header,
      Pages pages,
      EntityStore store,
      Column column,
      Running running,
      Contribution contribution,
      int sign) {
    switch (column.feature().aggregation()) {
      case LAST -> {
        if (sign > 0) {
          running.setLast(later(running.getLast(), contribution.key()));
        } else if (contribution.key().equals(running.getLast())) {
          running.setLast(newest(header, pages, column, running));
        }
      }
      case DISTINCT -> {
        int known = store.sums(key(column, contribution.key())) == null ? 0 : 1;
        addToKeyed(store, column, contribution, sign);
        int remains = store.sums(key(column, contribution.key())) == null ? 0 : 1;
        running.getSums().set(0, running.getSums().get(0) + remains - known);
      }
      default -> {
        if (column.feature().by() != null) {
          addToKeyed(store, column, contribution, sign);
        } else {
          addTo(running.getSums(), contribution.sums(), sign);
        }
      }
    }
  }

  private static void addToKeyed(
      EntityStore store, Column column, Contribution contribution, int sign) {
    String key = key(column, contribution.key());
    List<Long> sums = store.sums(key);
    List<Long> after = sums == null ? zeros(column.feature()) : new ArrayList<>(sums);
    addTo(after, contribution.sums(), sign);
    if (after.stream().allMatch(sum -> sum == 0)) {
      store.removeSums(key);
    } else {
      store.putSums(key, after);
    }
  }

  private static void addToTile(Tile tile, Feature feature, Contribution contribution, int sign) {
    List<Partial> partials = tile.getPartials();
    for (int i = 0; i < partials.size(); i++) {
      Partial partial = partials.get(i);
      if (partial.getFeature() == feature.id() && partial.getKey().equals(contribution.key())) {
        addTo(partial.getSums(), contribution.sums(), sign);
        if (partial.getSums().stream().allMatch(sum -> sum == 0)) {
          partials.remove(i);
        }
        return;
      }
    }
    List<Long> sums = zeros(feature);
    addTo(sums, contribution.sums(), sign);
    if (sums.stream().anyMatch(sum -> sum != 0)) {
      partials.add(new Partial(feature.id(), contribution.key(), sums));
    }
  }

  private void advance(EntityHeader header, Pages pages, EntityStore store, long time) {
    if (time <= header.getEntityTime()) {
      return;
    }
    long before = header.getEntityTime();
    header.setEntityTime(time);
    for (ExpiringWindow window : header.getWindows()) {
      Hop hop = hop(window.getMinutes());
      long lower = lower(header, window.getMinutes(), hop);
      if (window.getOldest() < lower) {
        expire(header, pages, store, window, hop, lower);
      }
    }
    horizons.forEach(
        (hop, minutes) -> {
          long lower = lower(time, minutes, hop);
          if (before == Long.MIN_VALUE
              || hop.page(lower) != hop.page(lower(before, minutes, hop))) {
            pages.dropBefore(hop, lower);
          }
        });
  }

  private void expire(
      EntityHeader header,
      Pages pages,
      EntityStore store,
      ExpiringWindow window,
      Hop hop,
      long lower) {
    for (Tile tile : pages.tilesBetween(hop, window.getOldest(), lower)) {
      for (Partial partial : tile.getPartials()) {
        expire(header, pages, store, window.getMinutes(), partial);
      }
    }
    window.setOldest(pages.oldest(hop, lower));
  }

  private void expire(
      EntityHeader header, Pages pages, EntityStore store, long minutes, Partial partial) {
    for (int i : columnsOf(partial.getFeature())) {
      Column column = columns.get(i);
      Running running = header.getRunning().get(i);
      if (minutes == CORRECTABLE_MINUTES && seals(column)) {
        running.setSealed(later(running.getSealed(), partial.getKey()));
      } else if (column.minutes() == minutes) {
        Contribution gone = new Contribution(partial.getKey(), partial.getSums());
        addToRunning(header, pages, store, column, running, gone, -1);
      }
    }
  }

  private @Nullable String newest(
      EntityHeader header, Pages pages, Column column, Running running) {
    Hop hop = column.hop() == null ? Hop.DAY : column.hop();
    long lower = column.isLifetime() ? horizon(header, hop) : lower(header, column.minutes(), hop);
    for (long id : pages.newest(hop, group(column.feature().source()), lower)) {
      String newest = null;
      for (Tile tile : pages.tiles(id)) {
        for (Partial partial : tile.getPartials()) {
          if (tile.getStart() >= lower && partial.getFeature() == column.feature().id()) {
            newest = later(newest, partial.getKey());
          }
        }
      }
      if (newest != null) {
        return newest;
      }
    }
    return running.getSealed();
  }

  /**
   * The {@code let} values of a version: computed when it is applied and kept in its tile if other
   * entities had a part in them; taken from there when it is retracted.
   */
  private Map<String, Object> let(
      EntityHeader header,
      Pages pages,
      FactSource source,
      Fact fact,
      long occurredAt,
      int sign,
      Function<String, @Nullable Object> visited) {
    if (source.let().isEmpty()) {
      return Map.of();
    }
    Map<String, Object> values = new HashMap<>();
    if (sign > 0 || !source.readsOthers()) {
      source
          .let()
          .forEach(
              (name, expression) ->
                  values.put(
                      name, expression.evaluate(operand -> operand(operand, fact, visited))));
    }
    if (source.readsOthers() && occurredAt >= horizon(header, Hop.DAY)) {
      WorkEvent event = fact.getEvent();
      String key =
          source.name() + SEPARATOR + FactKind.factKey(event) + SEPARATOR + event.getEventId();
      long start = Hop.DAY.floor(occurredAt);
      if (sign > 0) {
        pages.change(Hop.DAY, group(source), start).getKept().add(new Kept(key, values));
        ExpiringWindow window = window(header, CORRECTABLE_MINUTES);
        window.setOldest(Math.min(window.getOldest(), start));
      } else if (pages.tile(Hop.DAY, group(source), start) != null) {
        List<Kept> kept = pages.change(Hop.DAY, group(source), start).getKept();
        for (int i = kept.size() - 1; i >= 0; i--) {
          if (kept.get(i).getKey().equals(key)) {
            values.putAll(kept.remove(i).getValues());
          }
        }
      }
    }
    return values;
  }

  private static @Nullable Object operand(
      String name, Fact fact, Function<String, @Nullable Object> visited) {
    return name.indexOf('.') < 0 ? FactFields.value(fact, name) : visited.apply(name);
  }

  private static int group(FactSource source) {
    return Math.floorMod((source.name().hashCode() * 0x9E3779B9) >> 16, Pages.GROUPS);
  }

  private static boolean seals(Column column) {
    return column.isLifetime() && column.feature().aggregation() == Aggregation.LAST;
  }

  private boolean seals(Feature feature) {
    return feature.aggregation() == Aggregation.LAST
        && columnsOf(feature.id()).stream().anyMatch(i -> columns.get(i).isLifetime());
  }

  /** Where the tiles of a hop begin: older facts count in lifetime values alone. */
  private long horizon(EntityHeader header, Hop hop) {
    return lower(header, Objects.requireNonNull(horizons.get(hop)), hop);
  }

  private static long lower(EntityHeader header, long minutes, Hop hop) {
    return lower(header.getEntityTime(), minutes, hop);
  }

  private static long lower(long entityTime, long minutes, Hop hop) {
    return hop.floor(entityTime - minutes * MICROS_A_MINUTE);
  }

  private Hop hop(long minutes) {
    return Objects.requireNonNull(windows.get(minutes));
  }

  private Set<Hop> hops(Feature feature) {
    return Objects.requireNonNull(hopsOfFeature.get(feature.id()));
  }

  private List<Integer> columnsOf(int feature) {
    return columnsOfFeature.getOrDefault(feature, List.of());
  }

  private static ExpiringWindow window(EntityHeader header, long minutes) {
    for (ExpiringWindow window : header.getWindows()) {
      if (window.getMinutes() == minutes) {
        return window;
      }
    }
    throw new IllegalStateException("no window of " + minutes + " minutes");
  }

  private static String key(Column column, String key) {
    return column.keyPrefix() + key;
  }

  private static String later(@Nullable String one, String other) {
    return one == null || one.compareTo(other) < 0 ? other : one;
  }

  private static void addTo(List<Long> sums, List<Long> delta, int sign) {
    for (int i = 0; i < delta.size(); i++) {
      sums.set(i, sums.get(i) + sign * delta.get(i));
    }
  }

  private static List<Long> zeros(Feature feature) {
    return new ArrayList<>(Collections.nCopies(feature.aggregation().width(), 0L));
  }
}
