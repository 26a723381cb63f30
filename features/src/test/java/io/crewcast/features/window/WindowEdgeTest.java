package io.crewcast.features.window;

import static io.crewcast.features.Events.NOON;
import static io.crewcast.features.Events.entry;
import static io.crewcast.features.Events.event;
import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.features.definition.Definitions;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.stream.Fact;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What leaves windows costs few reads, however much there is. */
class WindowEdgeTest {

  private static final int DAYS = 33;

  @TempDir Path directory;

  private int reads;
  private final MapStore store =
      new MapStore() {
        @Override
        public DayPage page(long id) {
          reads++;
          return super.page(id);
        }
      };

  /** Of the page of today one a change; of older ones one a day, and one when it goes. */
  @Test
  void readsAnOldPageOnceForAllThatLeave() throws Exception {
    assertThat(readsADay(6, 1)).isLessThanOrEqualTo(6 + 1);
  }

  /** Where a day is more than is taken over at once, its page is read for some tiles at a time. */
  @Test
  void takesOverPartOfABusyDay() throws Exception {
    assertThat(readsADay(24, 30)).isBetween(24 + 2, 24 + 24);
  }

  private int readsADay(int changesADay, int phases) throws Exception {
    EntityDefinition definition = definition();
    FeatureWindows windows = new FeatureWindows(definition, Layout.of(definition));
    EntityState state = windows.unknown();
    int before = 0;
    for (int i = 0; i < DAYS * changesADay; i++) {
      if (i == (DAYS - 1) * changesADay) {
        before = reads;
      }
      Instant at = NOON.plusSeconds(i * 86_400L / changesADay);
      for (int phase = 0; phase < phases; phase++) {
        Fact fact = entered("e" + i + "-" + phase, at, "phase-" + phase);
        windows.change(state, store, Instants.micros(at), null, fact, visited -> null);
      }
      state = windows.align(MapStore.stored(state));
      assertThat(windows.vector(state, store, null))
          .containsExactly(Math.min(i + 1L, 30L * changesADay + 1) * phases, null);
    }
    return reads - before - (phases - 1) * changesADay;
  }

  private static Fact entered(String id, Instant at, String phase) {
    var event = event(id, at, entry(id, "ann", "bridge", "task", 30));
    ((io.crewcast.schemas.TimeEntry) event.getPayload()).setPhase(phase);
    return Fact.newBuilder().setEvent(event).build();
  }

  private EntityDefinition definition() throws Exception {
    Files.createDirectories(directory.resolve("features"));
    Files.writeString(
        directory.resolve("features/worker.yaml"),
        """
        entity: worker
        about: One worker
        facts:
          entry: {from: time_entry}
        features:
          entries:  {count: entry, windows: [30d], about: Entries}
          by_phase: {count: entry, by: phase, windows: [30d], about: Entries of the phase}
        """);
    return Definitions.load(directory).entities().get(0);
  }
}
