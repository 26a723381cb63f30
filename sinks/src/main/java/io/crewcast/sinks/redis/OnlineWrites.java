package io.crewcast.sinks.redis;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import redis.clients.jedis.AbstractPipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.UnifiedJedis;
import redis.clients.jedis.exceptions.JedisClusterOperationException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisNoScriptException;
import redis.clients.jedis.exceptions.JedisRedirectionException;

/**
 * Writes rows in pipelines, in a Cluster one a node, and does not return before Redis has taken
 * them all: while it is away, starts or fails over they wait, and what is sent again changes
 * nothing. Not thread-safe.
 */
final class OnlineWrites<T> implements AutoCloseable {

  /** What ends by itself in a Redis that starts, fails over or is full. */
  private static final List<String> PASSING =
      List.of(
          "LOADING",
          "READONLY",
          "MASTERDOWN",
          "TRYAGAIN",
          "CLUSTERDOWN",
          "BUSY",
          "OOM",
          "MISCONF",
          "NOREPLICAS");

  /** Is told what becomes of rows. */
  interface Watch {

    /** A pipeline was answered. */
    void answered(int rows, long nanos);

    /** A row stands, or a newer one does already. */
    void taken(boolean landed);

    /** Rows are sent again. */
    void retried();
  }

  private final RedisAddress address;
  private final OnlineView<T> view;
  private final Watch watch;
  private @Nullable UnifiedJedis client;
  private boolean everWrote;

  OnlineWrites(RedisAddress address, OnlineView<T> view, Watch watch) {
    this.address = address;
    this.view = view;
    this.watch = watch;
  }

  /**
   * Tries until Redis has taken all.
   *
   * @throws IllegalStateException when it refuses for a reason that does not pass, saying which
   */
  void write(Collection<T> rows) throws InterruptedException {
    Outage outage = null;
    boolean forgotten = false;
    List<T> left = List.copyOf(rows);
    while (!left.isEmpty()) {
      Answers<T> answers = attempt(left);
      Exception cause = answers.cause;
      if (cause == null && forgotten) { // for loading the script helps once
        cause = answers.forgotten;
      }
      forgotten |= answers.forgotten != null;
      left = answers.left;
      if (cause != null) {
        watch.retried();
        outage = outage == null ? new Outage(address) : outage;
        outage.pause(cause, left.size());
      }
    }
    if (outage != null) {
      outage.over(forgotten && everWrote);
    }
    everWrote = true;
  }

  /** What became of rows that were sent. */
  private static final class Answers<T> {
    /** Not taken yet. */
    private List<T> left = new ArrayList<>();

    /** A server did not know the script. */
    private @Nullable Exception forgotten;

    /** Why some were not taken, if that takes time to pass. */
    private @Nullable Exception cause;

    static <T> Answers<T> none(List<T> sent, Exception cause) {
      Answers<T> answers = new Answers<>();
      answers.left = sent;
      answers.cause = cause;
      return answers;
    }
  }

  private Answers<T> attempt(List<T> rows) {
    try {
      return send(rows);
    } catch (JedisConnectionException | JedisClusterOperationException e) {
      return Answers.none(rows, e);
    } catch (JedisDataException e) { // of the way in, or of the script
      if (passes(e)) {
        return Answers.none(rows, e);
      }
      throw refused(e);
    }
  }

  private Answers<T> send(List<T> rows) {
    UnifiedJedis server = client();
    List<Response<Object>> responses = new ArrayList<>(rows.size());
    long start = System.nanoTime();
    try (AbstractPipeline pipeline = server.pipelined()) {
      for (T element : rows) {
        OnlineRow row = view.row(element);
        responses.add(pipeline.evalsha(NewestWins.SHA1, List.of(row.key()), row.arguments()));
      }
      pipeline.sync();
    }
    watch.answered(rows.size(), System.nanoTime() - start);
    Answers<T> answers = new Answers<>();
    List<T> redirected = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      if (!isRead(rows.get(i), responses.get(i), answers)) {
        redirected.add(rows.get(i));
      }
    }
    if (!isFollowed(server, redirected, answers)) {
      server.close(); // the next finds itself in a Cluster
      client = null;
    } else if (answers.forgotten != null) {
      server.scriptLoad(NewestWins.SCRIPT);
    }
    return answers;
  }

  /** A client of a Cluster goes where it is sent and remembers; false of any other. */
  private boolean isFollowed(UnifiedJedis server, List<T> redirected, Answers<T> answers) {
    boolean followed = true;
    for (T element : redirected) {
      OnlineRow row = view.row(element);
      if (!isRead(
          element,
          () -> server.evalsha(NewestWins.SHA1, List.of(row.key()), row.arguments()),
          answers)) {
        answers.left.add(element);
        answers.cause = new JedisConnectionException("it has become a node of a Cluster");
        followed = false;
      }
    }
    return followed;
  }

  /** False when another node has to be asked. */
  private boolean isRead(T element, Supplier<Object> answer, Answers<T> answers) {
    try {
      watch.taken(answer.get().equals(1L));
      return true;
    } catch (JedisRedirectionException e) {
      return false;
    } catch (JedisNoScriptException e) {
      answers.forgotten = e;
    } catch (JedisDataException e) {
      if (!passes(e)) {
        throw e;
      }
      answers.cause = e;
    } catch (JedisConnectionException | JedisClusterOperationException e) {
      answers.cause = e;
    } catch (IllegalStateException unused) { // a Cluster's pipeline passes over a node's silence
      answers.cause = new JedisConnectionException("a node of the Cluster does not answer");
    }
    answers.left.add(element);
    return true;
  }

  private UnifiedJedis client() {
    if (client == null) {
      client = address.connect();
    }
    return client;
  }

  private static boolean passes(JedisDataException e) {
    String message = String.valueOf(e.getMessage());
    // before Redis 7 what fails within a script stands behind "ERR Error running script ...: -"
    return PASSING.stream()
        .anyMatch(code -> message.startsWith(code) || message.contains(": -" + code));
  }

  private IllegalStateException refused(JedisDataException e) {
    return new IllegalStateException(
        "%s refuses to write: %s. Its user needs ~* +evalsha +script|load +hget +hset +pexpire, in a Cluster +cluster|slots too; user and password are those of --redis and --redis-password-file"
            .formatted(address, e.getMessage()),
        e);
  }

  @Override
  public void close() {
    if (client != null) {
      client.close();
    }
  }
}
