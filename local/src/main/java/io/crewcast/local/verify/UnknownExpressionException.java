package io.crewcast.local.verify;

/** An expression that has no counterpart in SQL; the message is one line. */
final class UnknownExpressionException extends IllegalArgumentException {

  UnknownExpressionException(String message) {
    super(message.replace('\n', ' '));
  }
}
