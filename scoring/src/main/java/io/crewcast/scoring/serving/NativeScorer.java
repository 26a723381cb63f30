package io.crewcast.scoring.serving;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToIntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks XGBoost4J for many rows at once, in a thread of its own, so that a call that outlasts its
 * budget is given up and not waited for.
 */
final class NativeScorer implements Scorer {

  /** Beyond it a row costs no less. */
  private static final int MOST_ROWS = 256;

  private static final Logger LOG = LoggerFactory.getLogger(NativeScorer.class);

  private final NativeModel model;
  private final int features;
  private final ToIntFunction<float[]> explained;
  private final boolean explains;
  private final Budget budget;
  private final ExecutorService thread;
  private final List<float[]> rows = new ArrayList<>();
  private final List<Answer.Receiver> receivers = new ArrayList<>();

  /** A call that was given up and still runs, or the last one. */
  private Future<List<Answer>> call;

  /**
   * @param explained which output an answer's contributions are of
   */
  NativeScorer(
      NativeModel model,
      int features,
      ToIntFunction<float[]> explained,
      boolean explains,
      Budget budget,
      String name) {
    this.explained = explained;
    this.model = model;
    this.features = features;
    this.explains = explains;
    this.budget = budget;
    this.thread =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread made = new Thread(task, "xgboost-" + name);
              made.setDaemon(true);
              return made;
            });
    this.call = CompletableFuture.completedFuture(List.of());
  }

  @Override
  public void ask(float[] row, Answer.Receiver receiver) {
    rows.add(row);
    receivers.add(receiver);
    if (rows.size() >= MOST_ROWS) {
      flush();
    }
  }

  @Override
  public void flush() {
    if (rows.isEmpty()) {
      return;
    }
    List<Answer> answers = budget.allows() && call.isDone() ? answers() : List.of();
    List<Answer.Receiver> waiting = List.copyOf(receivers);
    rows.clear();
    receivers.clear();
    for (int i = 0; i < waiting.size(); i++) {
      waiting.get(i).accept(answers.isEmpty() ? null : answers.get(i));
    }
  }

  /** Empty where the call failed or took too long. */
  private List<Answer> answers() {
    float[] batch = new float[rows.size() * features];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, batch, i * features, features);
    }
    long start = budget.now();
    call = thread.submit(() -> ask(batch));
    try {
      return call.get(budget.limitNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return List.of();
    } catch (ExecutionException e) {
      LOG.error("a batch of {} rows has no answer: {}", rows.size(), e.getMessage());
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the task ends: an answer now would be a wrong one
      throw new CancellationException("interrupted while XGBoost4J scored");
    } finally {
      budget.spentSince(start);
    }
  }

  private List<Answer> ask(float[] batch) {
    float[][] outputs = model.predict(batch, features);
    float[][] added = explains ? model.contributions(batch, features) : new float[0][];
    List<Answer> answers = new ArrayList<>();
    for (int i = 0; i < outputs.length; i++) {
      double[] contributions = new double[explains ? features : 0];
      // an output's contributions are followed by its base value
      int from = explained.applyAsInt(outputs[i]) * (features + 1);
      for (int j = 0; j < contributions.length; j++) {
        contributions[j] = added[i][from + j];
      }
      answers.add(
          new Answer(outputs[i], contributions, explains ? added[i][from + features] : Double.NaN));
    }
    return answers;
  }

  @Override
  public boolean isCutOff() {
    return budget.isCutOff();
  }

  /** Waits for a call that was given up: only then may the model be freed. */
  @Override
  public void close() {
    thread.shutdown();
    boolean interrupted = false;
    while (!thread.isTerminated()) {
      try {
        var unused = thread.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
