package io.crewcast.schemas.serde;

/** The registry refuses a schema; the message names the subject, the field and what to do. */
public final class IncompatibleSchemaException extends RuntimeException {

  public IncompatibleSchemaException(String message) {
    super(message);
  }
}
