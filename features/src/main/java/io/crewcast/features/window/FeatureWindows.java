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

  /** Pages of so many days may wait for a timer to drop them: changes seldom need to. */
  private static final int DAYS_IN_ARREARS = 7;

  /** A column of the vector that is kept, not derived. */
  private record Cell(Measure measure, Column column) {}

  private final EntityDefinition definition;
  private final Layout layout;
  private final List<Integer> retired = new ArrayList<>();
  private final List<Plan> plans = new ArrayList<>();
  private final Map<Integer, Measure> measuresById = new HashMap<>();
  private final List<Column> windows = new ArrayList<>();
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
        if (!column.isLifetime() && !measure.hops().isEmpty()) {
          windows.add(column);
        }
      }
    }
    bySource.forEach((source, of) -> plans.add(Plan.of(source, of, retention)));
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
    state.edges.removeIf(edge -> !isWindow(edge));
    return state;
  }

  private boolean isWindow(WindowEdge edge) {
    for (Column column : windows) {
      if (column.is(edge)) {
        return true;
      }
    }
    return false;
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
    forget(state, pages, DAYS_IN_ARREARS);
    if (retracted != null) {
      enter(state, pages, store, retracted, -1, visited);
    }
    if (applied != null) {
      enter(state, pages, store, applied, 1, visited);
    }
    state.edges.removeIf(edge -> edge.isEmpty() && nextExpiry(state, edge) == Long.MAX_VALUE);
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
    if (time < nextExpiry(state)) {
      return false;
    }
    Pages pages = new Pages(state.pages, store);
    state.edges.removeIf(edge -> !fill(state, pages, edge, time));
    boolean leaves = time >= nextExpiry(state);
    if (leaves) {
      advance(state, pages, store, time);
      forget(state, pages, 0);
      pages.flush();
    }
    return leaves;
  }

  /** The entity as it will be then if nothing happens, or as it is when its time is later. */
  public Preview preview(EntityState state, EntityStore store, long time) {
    Preview preview = new Preview(state, store);
    Pages pages = new Pages(preview.state().pages, preview);
    advance(preview.state(), pages, preview, time);
    return preview;
  }

  /**
   * The time up to which no fact leaves a window; {@link Long#MAX_VALUE} when none ever will. One
   * leaves then, or the page that tells when is read then.
   */
  public long nextExpiry(EntityState state) {
    long next = ordered.nextExpiry(state);
    for (WindowEdge edge : state.edges) {
      next = Math.min(next, nextExpiry(state, edge));
    }
    return next;
  }

  private static long nextExpiry(EntityState state, WindowEdge edge) {
    if (!edge.isEmpty()) {
      return edge.leavesAt(edge.tiles.get(0).start());
    }
    long day = state.pages.next(edge.kind, Pages.day(edge.until));
    return day == Long.MAX_VALUE
        ? day
        : edge.leavesAt(Math.max(edge.until, day * Pages.DAY_MICROS));
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
    if (Pages.day(occurredAt) < retention.firstDay(state.entityTime)) {
      forget(state, pages, 0); // what is so old is known by what was sealed
    }
    for (Plan plan : plans) {
      if (!plan.source().matches(fact)) {
        continue;
      }
      if (sign > 0) {
        newestFacts.merge(plan.source().name(), recordedAt, Math::max);
      }
      Map<String, @Nullable Object> let = plan.let(pages, state.entityTime, fact, sign, visited);
      for (Measure measure : plan.measures()) {
        if (recordedAt < measure.bornAt()) {
          continue;
        }
        Object input = plan.input(measure, fact, let);
        if (measure.feature().aggregation() instanceof Ranked) {
          if (input != null) {
            Observation seen = new Observation(occurredAt, plan.idOf(fact), input);
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

  private void add(
      EntityState state,
      Pages pages,
      EntityStore store,
      Measure measure,
      Contribution contribution,
      long occurredAt,
      int sign) {
    FactKind kind = measure.feature().source().kind();
    byte[] key = measure.entryKey(contribution.key);
    for (Hop hop : measure.hops()) {
      if (retention.keepsTile(hop, state.entityTime, occurredAt)) {
        List<Tile> tiles = pages.change(kind, Pages.day(occurredAt)).tiles();
        Tile.in(tiles, hop, hop.floor(occurredAt)).entries().add(key, contribution.numbers, sign);
      }
    }
    for (Column column : measure.columns()) {
      Hop hop = column.hop();
      if (hop == null) {
        addToSlot(state, store, measure, column, contribution, sign);
      } else if (occurredAt >= Retention.lower(state.entityTime, column.minutes(), hop)) {
        addToSlot(state, store, measure, column, contribution, sign);
        long start = hop.floor(occurredAt);
        WindowEdge edge = state.edge(column, kind);
        if (edge == null) {
          edge = WindowEdge.at(column, kind, start);
          state.edges.add(edge);
        }
        edge.add(start, key, contribution.numbers, sign);
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
    if (time > state.entityTime) {
      state.entityTime = time;
      state.edges.removeIf(edge -> !advance(state, pages, store, edge));
      ordered.advance(state, pages);
    }
  }

  /** Takes away what leaves a window by the entity's time; false when nothing is left in it. */
  private boolean advance(EntityState state, Pages pages, EntityStore store, WindowEdge edge) {
    while (nextExpiry(state, edge) <= state.entityTime) {
      if (!fill(state, pages, edge, state.entityTime)) {
        return false;
      }
      if (nextExpiry(state, edge) <= state.entityTime) {
        edge.tiles
            .remove(0)
            .entries()
            .forEach((key, numbers) -> leave(state, store, edge, key, numbers));
      }
    }
    if (edge.isEmpty()) {
      edge.skip(state.entityTime); // what comes too late for the window
    }
    return true;
  }

  private void leave(
      EntityState state, EntityStore store, WindowEdge edge, byte[] key, long[] numbers) {
    for (Column column : columns(key, edge)) {
      Measure measure = Objects.requireNonNull(measuresById.get(Measure.idOf(key)));
      Contribution gone = new Contribution(Measure.keyOf(key), numbers);
      addToSlot(state, store, measure, column, gone, -1);
    }
  }

  /** The columns that the entry of a tile counts in over this window; none if it is retired. */
  private List<Column> columns(byte[] key, WindowEdge edge) {
    Measure measure = measuresById.get(Measure.idOf(key));
    return measure == null ? List.of() : measure.columns(edge.minutes, edge.hop);
  }

  /**
   * Takes over from the pages what leaves next, if something may leave by then: mostly at a timer,
   * so that changes need not wait for it.
   *
   * @return false when nothing is left in the window
   */
  private boolean fill(EntityState state, Pages pages, WindowEdge edge, long time) {
    while (edge.isEmpty()) {
      long next = nextExpiry(state, edge);
      if (next > time) {
        return next != Long.MAX_VALUE;
      }
      long day = pages.nextDay(edge.kind, Pages.day(edge.until));
      edge.take(
          Objects.requireNonNull(pages.page(edge.kind, day)).tiles(),
          key -> !columns(key, edge).isEmpty(),
          (day + 1) * Pages.DAY_MICROS);
    }
    return true;
  }

  /**
   * Drops the pages of days of which nothing can leave a window or be corrected any more.
   *
   * @param arrears how many such days may stay
   */
  private void forget(EntityState state, Pages pages, int arrears) {
    pages.removeBefore(
        retention.firstDay(state.entityTime) - arrears,
        ordered.seals() ? page -> page.kept().forEach(fact -> ordered.seal(state, fact)) : null);
  }
}
