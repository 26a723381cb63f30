package io.crewcast.features.definition;

/** A feature file that cannot be used; the message is one line: file, line, what to do. */
public final class InvalidDefinitionException extends IllegalArgumentException {

  public InvalidDefinitionException(String message) {
    super(message);
  }
}
