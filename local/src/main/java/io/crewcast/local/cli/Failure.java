package io.crewcast.local.cli;

import java.io.FileNotFoundException;
import java.io.PrintWriter;
import java.net.ConnectException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** Says in one line what failed and what to do about it. */
public final class Failure {
  private static final Pattern BREAKS = Pattern.compile("\\s*\\R\\s*");

  private Failure() {}

  /**
   * Tells people, as a line on the command line.
   *
   * @param debug whether to show where it failed, too
   * @return the exit status
   */
  public static int tell(Throwable failure, boolean debug, PrintWriter err) {
    err.println("crewcast: " + inOneLine(failure));
    if (debug) {
      failure.printStackTrace(err); // what --debug promises
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  static String inOneLine(Throwable thrown) {
    Throwable failure = cause(thrown);
    if (failure instanceof NoSuchFileException || failure instanceof FileNotFoundException) {
      return "No such file: " + failure.getMessage() + ". Check the path";
    }
    if (failure instanceof AccessDeniedException) {
      return "No permission: " + failure.getMessage() + ". Check who owns it";
    }
    if (failure instanceof FileAlreadyExistsException) {
      return "There already: " + failure.getMessage() + ". Choose another name or remove it";
    }
    if (failure instanceof UnknownTopicOrPartitionException) {
      return "Kafka has no such topic: ./crewcast up creates all that Crewcast uses";
    }
    if (failure instanceof TimeoutException) {
      return "Kafka does not answer (%s): start it with ./crewcast up, or name it with"
              .formatted(text(failure))
          + " --bootstrap-servers";
    }
    if (failure instanceof JedisConnectionException) {
      return "Redis does not answer: start it with ./crewcast up, or name it with --redis";
    }
    if (failure instanceof JedisAccessControlException) {
      return "Redis refuses (%s): name user and password with --redis and --redis-password-file"
          .formatted(text(failure));
    }
    if (failure instanceof ConnectException) {
      return "Nothing answers (%s): start the stack with ./crewcast up".formatted(text(failure));
    }
    return text(failure);
  }

  /** What those that only pass a failure on have caught. */
  private static Throwable cause(Throwable thrown) {
    boolean passedOn =
        thrown instanceof ExecutionException || thrown instanceof CompletionException;
    @Nullable Throwable cause = thrown.getCause();
    return passedOn && cause != null ? cause(cause) : thrown;
  }

  private static String text(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank()
        ? failure.getClass().getSimpleName() + "; --debug shows where"
        : BREAKS.matcher(message.strip()).replaceAll(" ");
  }
}
