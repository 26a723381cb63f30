package io.crewcast.scoring.serving;

/** A failure of XGBoost4J. */
public final class NativeModelException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public NativeModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
