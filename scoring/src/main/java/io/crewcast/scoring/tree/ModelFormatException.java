package io.crewcast.scoring.tree;

/**
 * A model file that cannot be read, or that asks for something which the flat form does not know.
 */
public final class ModelFormatException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public ModelFormatException(String message) {
    super(message);
  }

  public ModelFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
