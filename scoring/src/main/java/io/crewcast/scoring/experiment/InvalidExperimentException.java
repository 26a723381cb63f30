package io.crewcast.scoring.experiment;

import org.jspecify.annotations.Nullable;

/** An experiment's file that cannot be used; the message is one line with a remedy. */
public final class InvalidExperimentException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public InvalidExperimentException(String message, @Nullable Throwable cause) {
    super(message.replace('\n', ' '), cause);
  }
}
