package io.crewcast.local.ingest;

/**
 * A mapping, or the file that it reads, cannot be used. The message is one line: file, line, what
 * is wrong, what to do.
 */
public final class MappingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MappingException(String message) {
    super(message);
  }
}
