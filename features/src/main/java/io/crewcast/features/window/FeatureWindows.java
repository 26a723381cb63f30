package io.crewcast.features.window;

import io.crewcast.features.aggregate.Additive;
import io.crewcast.features.aggregate.Ranked;
import io.crewcast.features.aggregate.Ranked.Observation;
import io.crewcast.features.aggregate.Tallied;
import io.crewcast.features.definition.Derived;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.definition.FactSource;
import io.crewcast.features.definition.Feature;
import io.crewcast.features.definition.Hop;
import io.crewcast.features.window.DayPage.Tile;
import io.crewcast.features.window.EntityState.WindowEdge;
import io.crewcast.features.window.Measure.Contribution;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.expression.FactFields;
import io.crewcast.schemas.stream.Fact;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Moves the features of an entity through time.
 *
 * <p>A fact adds to the tile of its {@code occurred_at}; a column's slot holds what the tiles in
 * its window add up to. A change adds to both; as time passes, tiles that leave a window are taken
 * away from its slot. So a change costs the same for every length of window. Where an order counts,
 * not a sum, the slot holds the first few observations, and {@link OrderedSlots} looks others up.
 *
 * <p>At entity time T a window W with hop h covers facts with {@code floor_h(T - W) <=
 * occurred_at}. All times are microseconds.
 */
public final class FeatureWindows {

  private static final FactKind[] KINDS = FactKind.values();
  private static final char SEPARATOR = '\u0001';

  /**
   * What facts of one source do.
   *
   * @param keeps whether facts are kept one by one
   * @param id of the source, in kept facts
   */
  private record Plan(FactSource source, List<Measure> measures, boolean keeps, int id) {

    static Plan of(FactSource source, List<Measure> measures) {
      boolean ranks = measures.stream().anyMatch(m -> m.feature().aggregation() instanceof Ranked);
      return new Plan(source, measures, ranks || source.readsOthers(), source.name().hashCode());
    }
  }

  /** A column of the vector that is kept, not derived. */
  private record Cell(Measure measure, Column column) {}

  private final EntityDefinition definition;
  private final Layout layout;
  private final List<Integer> retired = new ArrayList<>();
  private final List<Plan> plans = new ArrayList<>();
  private final Map<Integer, Measure> measuresById = new HashMap<>();
  private final List<WindowEdge> windows = new ArrayList<>();
  private final List<Cell> cells = new ArrayList<>();
  private final Map<String, Integer> positions = new HashMap<>();
  private final Map<String, Long> newestFacts = new HashMap<>();
  private final Retention retention;
  private final OrderedSlots ordered;

  /**
   * @param definition what is counted
   * @param layout where it lies; of this definition
   */
  public FeatureWindows(EntityDefinition definition, Layout layout) {
    this.definition = definition;
    this.layout = layout;
    List<Measure> measures = layout.measures(definition);
    this.retention = Retention.of(measures);
    this.ordered = new OrderedSlots(measures, retention);
    Map<FactSource, List<Measure>> bySource = new LinkedHashMap<>();
    Map<String, Cell> cellOf = new HashMap<>();
    for (Measure measure : measures) {
      measuresById.put(measure.id(), measure);
      bySource
          .computeIfAbsent(measure.feature().source(), source -> new ArrayList<>())
          .add(measure);
      for (Column column : measure.columns()) {
        cellOf.put(layout.places().get(column.slot()).column(), new Cell(measure, column));
        if (column.hop() != null
            && !measure.hops().isEmpty()
            && windows.stream().noneMatch(column::is)) {
          windows.add(new WindowEdge(column.minutes(), column.hop()));
        }
      }
    }
    bySource.forEach((source, of) -> plans.add(Plan.of(source, of)));
    for (int slot = 0; slot < layout.places().size(); slot++) {
      if (layout.places().get(slot).retired()) {
        retired.add(slot);
      }
    }
    for (FeatureSchema.Column column : definition.schema().columns()) {
      positions.put(column.name(), positions.size());
      Cell cell = cellOf.get(column.name());
      if (cell != null) {
        cells.add(cell);
      }
    }
  }

  /** The newest {@code recorded_at} that was counted of each source, over all entities. */
  public Map<String, Long> newestFacts() {
    return newestFacts;
  }

  /** The state of an entity of which nothing is known. */
  public EntityState unknown() {
    return align(new EntityState(new PageIndex()));
  }

  /** Fits state to the layout: columns that are new start empty, those that are retired are. */
  public EntityState align(EntityState state) {
    while (state.slots.size() < layout.places().size()) {
      state.slots.add(null);
    }
    retired.forEach(slot -> state.slots.set(slot, null));
    for (WindowEdge window : windows) {
      if (state.windows.stream().noneMatch(window::isSameAs)) {
        state.windows.add(new WindowEdge(window.minutes, window.hop));
      }
    }
    return state;
  }

  /**
   * One step of knowledge at an entity: time moves on, then a version is taken back, then one is
   * applied.
   *
   * @param state changed in place
   * @param recordedAt when the source knew
   * @param visited values of the entities visited before, by {@code entity.column}
   */
  public void change(
      EntityState state,
      EntityStore store,
      long recordedAt,
      @Nullable Fact retracted,
      @Nullable Fact applied,
      Function<String, @Nullable Object> visited) {
    Pages pages = new Pages(state.pages, store);
    advance(state, pages, store, recordedAt);
    if (retracted != null) {
      enter(state, pages, store, retracted, -1, visited);
    }
    if (applied != null) {
      enter(state, pages, store, applied, 1, visited);
    }
    state.sequence++;
    pages.flush();
  }

  /**
   * Lets time pass up to {@code time} if a fact leaves a window by then; otherwise the entity is as
   * it was, its time too.
   *
   * @return true when a fact left a window
   */
  public boolean expire(EntityState state, EntityStore store, long time) {
    Pages pages = new Pages(state.pages, store);
    boolean expires = ordered.leaves(state, time);
    for (WindowEdge window : state.windows) {
      expires |= leaves(pages, window, Retention.lower(time, window.minutes, window.hop));
    }
    if (expires) {
      advance(state, pages, store, time);
      pages.flush();
    }
    return expires;
  }

  /** Whether a fact is in the window before {@code lower}; where none is, it forgets the tiles. */
  private boolean leaves(Pages pages, WindowEdge window, long lower) {
    boolean leaves = false;
    for (FactKind kind : KINDS) {
      if (window.oldest(kind) < lower) {
        boolean counts = false;
        for (Tile tile : tiles(pages, window, kind, lower)) {
          counts |= counts(tile, window);
        }
        if (!counts) {
          window.leave(kind, oldest(pages, window.hop, kind, lower));
        }
        leaves |= counts;
      }
    }
    return leaves;
  }

  private boolean counts(Tile tile, WindowEdge window) {
    boolean[] counts = new boolean[1];
    tile.entries().forEach((key, numbers) -> counts[0] |= !columns(key, window).isEmpty());
    return counts[0];
  }

  /** The time at which the next fact leaves a window; {@link Long#MAX_VALUE} when none will. */
  public long nextExpiry(EntityState state) {
    long next = ordered.nextExpiry(state);
    for (WindowEdge window : state.windows) {
      next = Math.min(next, window.nextExpiry());
    }
    return next;
  }

  /**
   * The feature vector as of the entity's time.
   *
   * @param event whose {@code by} value chooses the share of split features; null for none
   */
  public List<@Nullable Object> vector(EntityState state, EntityStore store, @Nullable Fact event) {
    List<@Nullable Object> values = new ArrayList<>(positions.size());
    for (Cell cell : cells) {
      values.add(value(cell.measure(), cell.column(), state, store, event));
    }
    for (Derived column : definition.derived()) {
      values.add(
          column.is().evaluate(name -> values.get(Objects.requireNonNull(positions.get(name)))));
    }
    return values;
  }

  private @Nullable Object value(
      Measure measure, Column column, EntityState state, EntityStore store, @Nullable Fact event) {
    Feature feature = measure.feature();
    Slot slot = state.slots.get(column.slot());
    if (feature.aggregation() instanceof Additive additive) {
      long[] numbers = new long[additive.width()];
      if (feature.key() != null) {
        Object share = event == null ? null : FactFields.value(event, feature.key());
        if (share == null) {
          return null;
        }
        long[] known =
            slot instanceof Tally tally ? tally.get(store, column.slot(), (String) share) : null;
        numbers = known == null ? numbers : known;
      } else if (slot instanceof Sums sums) {
        numbers = sums.numbers;
      }
      return additive.result(numbers, measure.scale());
    } else if (feature.aggregation() instanceof Tallied tallied) {
      Tally tally = slot instanceof Tally known ? known : new Tally();
      return feature.inUnit(tallied.result(tally.counts(store, column.slot())));
    }
    return feature.inUnit(ordered.value(state, measure, column));
  }

  /** Adds what a fact says, or takes it back. */
  private void enter(
      EntityState state,
      Pages pages,
      EntityStore store,
      Fact fact,
      int sign,
      Function<String, @Nullable Object> visited) {
    long occurredAt = Instants.micros(fact.getEvent().getOccurredAt());
    long recordedAt = Instants.micros(fact.getEvent().getRecordedAt());
    for (Plan plan : plans) {
      FactSource source = plan.source();
      if (!source.matches(fact)) {
        continue;
      }
      if (sign > 0) {
        newestFacts.merge(source.name(), recordedAt, Math::max);
      }
      Map<String, @Nullable Object> let = let(state, pages, plan, fact, sign, visited);
      for (Measure measure : plan.measures()) {
        if (recordedAt < measure.bornAt()) {
          continue;
        }
        Object input = input(source, measure, fact, let);
        if (measure.feature().aggregation() instanceof Ranked) {
          if (input != null) {
            Observation seen = new Observation(occurredAt, idOf(source, fact), input);
            ordered.observe(state, pages, measure, seen, sign);
          }
          continue;
        }
        for (Contribution contribution : measure.contributions(fact, input)) {
          add(state, pages, store, measure, contribution, occurredAt, sign);
        }
      }
    }
  }

  private static @Nullable Object input(
      FactSource source, Measure measure, Fact fact, Map<String, @Nullable Object> let) {
    String input = measure.feature().input();
    return source.let().containsKey(input) ? let.get(input) : FactFields.value(fact, input);
  }

  private void add(
      EntityState state,
      Pages pages,
      EntityStore store,
      Measure measure,
      Contribution contribution,
      long occurredAt,
      int sign) {
    if (!measure.hops().isEmpty()) {
      byte[] key = measure.entryKey(contribution.key);
      for (Hop hop : measure.hops()) {
        if (retention.keepsTile(hop, state.entityTime, occurredAt)) {
          pages
              .change(measure.feature().source().kind(), Pages.day(occurredAt))
              .tileOf(hop, hop.floor(occurredAt))
              .entries()
              .add(key, contribution.numbers, sign);
        }
      }
    }
    for (Column column : measure.columns()) {
      Hop hop = column.hop();
      if (hop == null) {
        addToSlot(state, store, measure, column, contribution, sign);
      } else if (occurredAt >= Retention.lower(state.entityTime, column.minutes(), hop)) {
        addToSlot(state, store, measure, column, contribution, sign);
        state.edge(column).reach(measure.feature().source().kind(), hop.floor(occurredAt));
      }
    }
  }

  private static void addToSlot(
      EntityState state,
      EntityStore store,
      Measure measure,
      Column column,
      Contribution contribution,
      int sign) {
    Slot slot = state.slots.get(column.slot());
    if (slot == null) {
      slot = measure.isKeyed() ? new Tally() : new Sums(new long[contribution.numbers.length]);
      state.slots.set(column.slot(), slot);
    }
    if (slot instanceof Tally tally) {
      tally.add(
          store,
          column.slot(),
          contribution.key,
          contribution.numbers,
          sign,
          measure.feature().atMost());
    } else {
      Entries.addTo(((Sums) slot).numbers, contribution.numbers, sign);
    }
  }

  private void advance(EntityState state, Pages pages, EntityStore store, long time) {
    if (time <= state.entityTime) {
      return;
    }
    long before = state.entityTime;
    state.entityTime = time;
    for (WindowEdge window : state.windows) {
      long lower = Retention.lower(time, window.minutes, window.hop);
      for (FactKind kind : KINDS) {
        if (window.oldest(kind) < lower) {
          for (Tile tile : tiles(pages, window, kind, lower)) {
            tile.entries().forEach((key, numbers) -> leave(state, store, window, key, numbers));
          }
          window.leave(kind, oldest(pages, window.hop, kind, lower));
        }
      }
    }
    ordered.advance(state, pages);
    if (before != Long.MIN_VALUE) {
      forget(state, pages, before);
    }
  }

  private void leave(
      EntityState state, EntityStore store, WindowEdge window, byte[] key, long[] numbers) {
    for (Column column : columns(key, window)) {
      Measure measure = Objects.requireNonNull(measuresById.get(Measure.idOf(key)));
      Contribution gone = new Contribution(Measure.keyOf(key), numbers);
      addToSlot(state, store, measure, column, gone, -1);
    }
  }

  /** The columns that the entry of a tile counts in over this window; none if it is retired. */
  private List<Column> columns(byte[] key, WindowEdge window) {
    Measure measure = measuresById.get(Measure.idOf(key));
    return measure == null ? List.of() : measure.columns(window.minutes, window.hop);
  }

  /** Drops the tiles and facts of days that are kept no longer. */
  private void forget(EntityState state, Pages pages, long before) {
    for (Hop hop : retention.tileMinutes().keySet()) {
      long until = retention.firstTileDay(hop, state.entityTime);
      pages.changeEach(
          retention.firstTileDay(hop, before),
          until,
          page -> page.tiles().removeIf(tile -> tile.hop() == hop));
    }
    if (retention.factMinutes() > 0) {
      pages.changeEach(
          retention.firstFactDay(before),
          retention.firstFactDay(state.entityTime),
          page -> {
            page.kept().forEach(fact -> ordered.seal(state, fact));
            page.kept().clear();
          });
    }
  }

  private static List<Tile> tiles(Pages pages, WindowEdge window, FactKind kind, long lower) {
    List<Tile> tiles = new ArrayList<>();
    long oldest = window.oldest(kind);
    long last = Pages.day(lower - 1);
    for (long day = pages.nextDay(kind, Pages.day(oldest));
        day <= last;
        day = pages.nextDay(kind, day + 1)) {
      for (Tile tile : Objects.requireNonNull(pages.page(kind, day)).tiles()) {
        if (tile.hop() == window.hop && tile.start() >= oldest && tile.start() < lower) {
          tiles.add(tile);
        }
      }
    }
    return tiles;
  }

  /** Start of the oldest tile of a hop from {@code lower} on, or {@link WindowEdge#NONE}. */
  private static long oldest(Pages pages, Hop hop, FactKind kind, long lower) {
    for (long day = pages.nextDay(kind, Pages.day(lower));
        day != Long.MAX_VALUE;
        day = pages.nextDay(kind, day + 1)) {
      for (Tile tile : Objects.requireNonNull(pages.page(kind, day)).tiles()) {
        if (tile.hop() == hop && tile.start() >= lower) {
          return tile.start();
        }
      }
    }
    return WindowEdge.NONE;
  }

  /**
   * The {@code let} values of a version. A fact of which more must be known than sums tell is kept
   * when it is applied; taking it back goes by what was kept.
   */
  private Map<String, @Nullable Object> let(
      EntityState state,
      Pages pages,
      Plan plan,
      Fact fact,
      int sign,
      Function<String, @Nullable Object> visited) {
    FactSource source = plan.source();
    long occurredAt = Instants.micros(fact.getEvent().getOccurredAt());
    boolean keeps = plan.keeps() && retention.keepsFact(state.entityTime, occurredAt);
    if (sign < 0 && source.readsOthers()) {
      KeptFact kept = keeps ? remove(pages, plan, fact, occurredAt) : null;
      return kept == null ? Map.of() : kept.values();
    }
    Map<String, @Nullable Object> values =
        source.let().isEmpty() ? Map.of() : new HashMap<>(2 * source.let().size());
    source
        .let()
        .forEach(
            (name, is) ->
                values.put(
                    name,
                    is.evaluate(
                        operand ->
                            operand.indexOf('.') < 0
                                ? FactFields.value(fact, operand)
                                : visited.apply(operand))));
    if (keeps && sign < 0) {
      remove(pages, plan, fact, occurredAt);
    } else if (keeps) {
      Map<String, @Nullable Object> kept = new HashMap<>();
      if (source.readsOthers()) {
        kept.putAll(values);
      }
      for (Measure measure : plan.measures()) {
        if (measure.feature().aggregation() instanceof Ranked) {
          kept.put(measure.feature().input(), input(source, measure, fact, values));
        }
      }
      kept.values().removeIf(Objects::isNull);
      pages
          .change(source.kind(), Pages.day(occurredAt))
          .kept()
          .add(
              new KeptFact(
                  plan.id(),
                  occurredAt,
                  Instants.micros(fact.getEvent().getRecordedAt()),
                  idOf(source, fact),
                  kept));
    }
    return values;
  }

  private static @Nullable KeptFact remove(Pages pages, Plan plan, Fact fact, long occurredAt) {
    FactSource source = plan.source();
    long day = Pages.day(occurredAt);
    if (pages.page(source.kind(), day) == null) {
      return null;
    }
    List<KeptFact> kept = pages.change(source.kind(), day).kept();
    String id = idOf(source, fact);
    for (int i = kept.size() - 1; i >= 0; i--) {
      KeptFact candidate = kept.get(i);
      if (candidate.source() == plan.id()
          && candidate.occurredAt() == occurredAt
          && candidate.id().equals(id)) {
        return kept.remove(i);
      }
    }
    return null;
  }

  /** Events may share an id; where a fact's values are not its own, it must be told apart. */
  private static String idOf(FactSource source, Fact fact) {
    String eventId = fact.getEvent().getEventId();
    return source.readsOthers() ? eventId + SEPARATOR + FactKind.factKey(fact.getEvent()) : eventId;
  }
}
