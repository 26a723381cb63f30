package io.crewcast.schemas.serde;

/** The registry did not answer, however often it was asked. */
public final class RegistryUnreachableException extends RuntimeException {

  public RegistryUnreachableException(String message, Throwable cause) {
    super(message, cause);
  }
}
