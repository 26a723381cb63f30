package io.crewcast.scoring.tree;

/** A sound model of a kind that the flat form does not know: XGBoost4J serves it. */
public final class UnknownModelException extends ModelFormatException {

  private static final long serialVersionUID = 1;

  UnknownModelException(String message) {
    super(message);
  }
}
