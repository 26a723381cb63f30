package io.crewcast.benchmarks;

import io.crewcast.features.definition.Definitions;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.window.EntityStore;
import io.crewcast.features.window.FeatureWindows;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.TimeEntry;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.state.EntityHeader;
import io.crewcast.schemas.state.TilePage;
import io.crewcast.schemas.stream.Fact;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * A time entry at a worker with all the features that ship: state in memory, so that only the
 * arithmetic counts. Time moves on by ten minutes an entry, so that tiles also expire.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class FeatureBenchmark {

  private static final Instant START = Instant.parse("2024-01-01T00:00:00Z");

  private FeatureWindows windows;
  private EntityHeader header;
  private EntityStore store;
  private long entries;

  @Setup
  public void start() throws Exception {
    Path here = Path.of("").toAbsolutePath();
    Path definitions = here.resolve("flink-conf");
    if (!Files.isDirectory(definitions)) {
      definitions = here.resolveSibling("flink-conf");
    }
    EntityDefinition worker =
        Definitions.load(definitions).entities().stream()
            .filter(definition -> definition.entity() == EntityType.WORKER)
            .findFirst()
            .orElseThrow();
    windows = new FeatureWindows(worker);
    header = windows.unknown();
    store = new InMemory();
  }

  @Benchmark
  public List<@Nullable Object> timeEntry() {
    Instant at = START.plus(Duration.ofMinutes(10 * entries));
    String id = "te-" + entries++;
    WorkEvent event =
        WorkEvent.newBuilder()
            .setEventId(id)
            .setCompanyId("acme")
            .setOccurredAt(at)
            .setRecordedAt(at)
            .setSource("benchmark")
            .setPayload(
                TimeEntry.newBuilder()
                    .setTimeEntryId(id)
                    .setWorkerId("kim")
                    .setProjectId("project-" + entries % 3)
                    .setMinutes(30)
                    .build())
            .build();
    Fact fact = new Fact(event, null, 0L);
    windows.change(header, store, Instants.micros(at), null, fact, name -> null);
    return windows.vector(header, store, fact);
  }

  private static final class InMemory implements EntityStore {
    private final Map<Long, TilePage> pages = new HashMap<>();
    private final Map<String, List<Long>> sums = new HashMap<>();

    @Override
    public @Nullable TilePage page(long id) {
      return pages.get(id);
    }

    @Override
    public void putPage(long id, TilePage page) {
      pages.put(id, page);
    }

    @Override
    public void removePage(long id) {
      pages.remove(id);
    }

    @Override
    public @Nullable List<Long> sums(String key) {
      return sums.get(key);
    }

    @Override
    public void putSums(String key, List<Long> values) {
      sums.put(key, values);
    }

    @Override
    public void removeSums(String key) {
      sums.remove(key);
    }
  }
}
