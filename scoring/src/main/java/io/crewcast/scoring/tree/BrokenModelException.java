package io.crewcast.scoring.tree;

/**
 * A model file that contradicts itself or ends early. Nothing may serve it: XGBoost4J would read
 * beyond its arrays or never leave a tree.
 */
public final class BrokenModelException extends ModelFormatException {

  private static final long serialVersionUID = 1;

  BrokenModelException(String message) {
    super(message);
  }

  BrokenModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
