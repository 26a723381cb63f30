package io.crewcast.local.stack;

/** The stack, or a server of it, cannot do what was asked; the message says what to do about it. */
public final class StackException extends RuntimeException {
  public StackException(String message) {
    super(message);
  }

  public StackException(String message, Throwable cause) {
    super(message, cause);
  }
}
