package io.crewcast.scoring.model;

import org.jspecify.annotations.Nullable;

/** A model's definition or directory that cannot be used; the message is one line with a remedy. */
public final class InvalidModelException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public InvalidModelException(String message) {
    super(message.replace('\n', ' '));
  }

  public InvalidModelException(String message, @Nullable Throwable cause) {
    super(message.replace('\n', ' '), cause);
  }
}
