package io.crewcast.schemas.expression;

/** An expression that does not parse or does not fit its scope; the message is one line. */
public final class InvalidExpressionException extends IllegalArgumentException {

  public InvalidExpressionException(String message) {
    super(message.replace('\n', ' '));
  }
}
