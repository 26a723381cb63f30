package io.crewcast.scoring.serving;

import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The versions that this JVM holds. Each is loaded and verified once, in a thread beside the data
 * path, shared by all who lease it, and freed when the last of them gives it back.
 */
public final class LoadedModels {

  private static final Map<Key, Loading> LOADED = new HashMap<>();
  private static final long THREAD_RESTS_SECONDS = 5;

  /** What a store does not give at once it may give to other tasks: all should decide the same. */
  private static final int READINGS = 4;

  private static final long PAUSE_NANOS = Duration.ofMillis(100).toNanos();

  /** One at a time: loading takes memory. Its thread ends when there is nothing to load. */
  private static final ThreadPoolExecutor LOADER =
      new ThreadPoolExecutor(
          0,
          1,
          THREAD_RESTS_SECONDS,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          task -> {
            Thread made = new Thread(task, "loads-models");
            made.setDaemon(true);
            made.setContextClassLoader(LoadedModels.class.getClassLoader());
            return made;
          });

  private LoadedModels() {}

  private record Key(String root, String model, int version) {}

  private static final class Loading {
    private final CompletableFuture<ServedModel> model = new CompletableFuture<>();
    private int users;

    boolean isWanted() {
      synchronized (LOADED) {
        return users > 0;
      }
    }
  }

  /** Begins to load a version unless this JVM has it; never waits. What failed is tried again. */
  public static Lease lease(ModelDirectory models, ModelSpec spec, int version) {
    Key key = new Key(models.store().root(), spec.name(), version);
    synchronized (LOADED) {
      Loading loading = LOADED.get(key);
      if (loading == null || loading.model.isCompletedExceptionally()) {
        loading = new Loading();
        LOADED.put(key, loading);
        begin(loading, key, models, spec);
      }
      loading.users++;
      return new Lease(key, loading);
    }
  }

  private static void begin(Loading loading, Key key, ModelDirectory models, ModelSpec spec) {
    LOADER.execute(
        () -> {
          if (!loading.isWanted()) {
            return; // given back while others were loaded
          }
          try {
            loading.model.complete(load(key, models, spec));
          } catch (RuntimeException | Error e) {
            loading.model.completeExceptionally(e);
          }
        });
  }

  private static ServedModel load(Key key, ModelDirectory models, ModelSpec spec) {
    for (int tried = 1; ; tried++) {
      try {
        return ServedModel.load(models.open(key.model, key.version), spec);
      } catch (IOException e) {
        if (tried == READINGS) {
          throw new InvalidModelException(
              "%s version %d cannot be read from %s: %s"
                  .formatted(key.model, key.version, key.root, e.getMessage()),
              e);
        }
        LockSupport.parkNanos(tried * PAUSE_NANOS);
      }
    }
  }

  /** One user's hold on a version. */
  public static final class Lease implements AutoCloseable {

    private final Key key;
    private final Loading loading;
    private boolean closed;

    private Lease(Key key, Loading loading) {
      this.key = key;
      this.loading = loading;
    }

    /**
     * The version, once it is loaded.
     *
     * @throws InvalidModelException if it cannot serve, or has not been loaded within the limit
     * @throws CancellationException if the thread is interrupted, which says nothing of the version
     */
    public ServedModel await(Duration limit) {
      try {
        return loading.model.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException e) {
        throw new InvalidModelException(message(e.getCause()), e);
      } catch (TimeoutException e) {
        throw new InvalidModelException(
            "%s version %d is not loaded after %d s"
                .formatted(key.model, key.version, limit.toSeconds()),
            e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new CancellationException("interrupted while a version was loaded");
      }
    }

    private String message(@Nullable Throwable cause) {
      return cause instanceof InvalidModelException || cause instanceof NativeModelException
          ? String.valueOf(cause.getMessage())
          : "%s version %d cannot be loaded: %s".formatted(key.model, key.version, cause);
    }

    @Override
    public void close() {
      synchronized (LOADED) {
        if (closed) {
          return;
        }
        closed = true;
        if (--loading.users == 0) {
          LOADED.remove(key, loading);
          var unused = loading.model.thenAccept(ServedModel::free);
        }
      }
    }
  }
}
