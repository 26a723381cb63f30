package io.crewcast.scoring.tree;

/**
 * A model file that the flat form cannot take. Which of the two it is decides what the caller does:
 * a {@link BrokenModelException broken} file must be refused, an {@link UnknownModelException
 * unknown} model may be left to XGBoost4J.
 */
public abstract sealed class ModelFormatException extends RuntimeException
    permits BrokenModelException, UnknownModelException {

  private static final long serialVersionUID = 1;

  ModelFormatException(String message) {
    super(message);
  }

  ModelFormatException(String message, Throwable cause) {
    super(message, cause);
  }
}
