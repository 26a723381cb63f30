package io.crewcast.schemas.expression;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An expression that does not parse or does not fit its scope; the message is one line. */
public final class InvalidExpressionException extends IllegalArgumentException {

  private final @Nullable String unknown;

  public InvalidExpressionException(String message) {
    this(message, null);
  }

  /**
   * @param unknown the name that the scope does not have; null where something else is wrong
   */
  InvalidExpressionException(String message, @Nullable String unknown) {
    super(message.replace('\n', ' '));
    this.unknown = unknown;
  }

  /** The name that the scope does not have, where that is what is wrong. */
  public Optional<String> unknown() {
    return Optional.ofNullable(unknown);
  }
}
