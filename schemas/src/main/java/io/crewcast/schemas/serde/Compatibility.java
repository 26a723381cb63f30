package io.crewcast.schemas.serde;

/** Which changes of a subject's schema the registry lets through. */
public enum Compatibility {
  /** The newest schema reads what every earlier one wrote: for what Crewcast reads. */
  BACKWARD_TRANSITIVE,
  /** Besides, every earlier schema reads what the newest writes: for what Crewcast writes. */
  FULL_TRANSITIVE
}
