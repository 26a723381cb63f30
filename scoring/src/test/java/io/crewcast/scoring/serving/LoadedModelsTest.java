package io.crewcast.scoring.serving;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.ValueType;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.model.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init")
final class LoadedModelsTest {

  private static final Duration LIMIT = Duration.ofMinutes(1);

  @TempDir private Path directory;
  private ModelSpec spec;
  private Store store;
  private ModelDirectory models;

  /** Has no version, and remembers which were asked for. */
  private static final class Store implements ModelStore {
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final AtomicInteger failures = new AtomicInteger();
    private final CountDownLatch open = new CountDownLatch(1);

    @Override
    public String root() {
      return "store " + System.identityHashCode(this);
    }

    @Override
    public List<String> names(String folder) {
      return List.of();
    }

    @Override
    public Optional<byte[]> read(String file) throws IOException {
      asked.add(file);
      try {
        open.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (failures.getAndDecrement() > 0) {
        throw new IOException("slow down");
      }
      return Optional.empty();
    }

    @Override
    public void publish(String folder, Map<String, byte[]> files) {
      throw new UnsupportedOperationException();
    }
  }

  @BeforeEach
  void defines() throws IOException {
    Path file = directory.resolve("overrun.yaml");
    Files.writeString(
        file,
        """
        model: overrun
        about: Probability of an overrun
        scores: task
        trigger: {from: task, when: status == "STARTED"}
        label: {positive: task.logged > 9, negative: task.logged < 9, within: 90d}
        inputs: {task: [logged]}
        train: {objective: "binary:logistic", split: {train: 70%, validate: 15%, test: 15%}}
        serve: {fallback: [0.28]}
        """);
    var logged = new FeatureSchema.Column("logged", ValueType.LONG, "Logged");
    spec =
        ModelSpec.load(
            file,
            Map.of(EntityType.TASK, new FeatureSchema(EntityType.TASK, "A task", List.of(logged))));
    store = new Store();
    models = new ModelDirectory(store);
  }

  @Test
  void loadsAgainWhatFailedThoughAnotherStillHoldsIt() {
    store.open.countDown();
    try (var held = LoadedModels.lease(models, spec, 1)) {
      assertThatThrownBy(() -> held.await(LIMIT)).isInstanceOf(InvalidModelException.class);
      try (var again = LoadedModels.lease(models, spec, 1)) {
        assertThatThrownBy(() -> again.await(LIMIT)).hasMessageContaining("is not there");
      }
    }
    assertThat(store.asked).hasSize(2);
  }

  @Test
  void loadsNothingThatWasGivenBackBeforeItsTurn() {
    try (var first = LoadedModels.lease(models, spec, 1)) {
      LoadedModels.lease(models, spec, 2).close();
      try (var last = LoadedModels.lease(models, spec, 3)) {
        store.open.countDown();
        assertThatThrownBy(() -> last.await(LIMIT)).isInstanceOf(InvalidModelException.class);
      }
      assertThatThrownBy(() -> first.await(LIMIT)).isInstanceOf(InvalidModelException.class);
    }
    assertThat(store.asked).containsExactly("overrun/1/model.yaml", "overrun/3/model.yaml");
  }

  @Test
  void asksAStoreAgainThatDoesNotAnswer() {
    store.open.countDown();
    store.failures.set(1);
    try (var lease = LoadedModels.lease(models, spec, 1)) {
      assertThatThrownBy(() -> lease.await(LIMIT)).hasMessageContaining("is not there");
    }
  }

  @Test
  void saysWhatAStoreSaysThatNeverAnswers() {
    store.open.countDown();
    store.failures.set(Integer.MAX_VALUE);
    try (var lease = LoadedModels.lease(models, spec, 1)) {
      assertThatThrownBy(() -> lease.await(LIMIT))
          .isInstanceOf(InvalidModelException.class)
          .hasMessageContaining("slow down");
    }
  }

  @Test
  void saysNothingOfAVersionWhenTheThreadIsInterrupted() {
    try (var lease = LoadedModels.lease(models, spec, 1)) {
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> lease.await(LIMIT)).isInstanceOf(CancellationException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
      store.open.countDown();
    }
  }
}
