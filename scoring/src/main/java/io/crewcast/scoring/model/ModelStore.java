package io.crewcast.scoring.model;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the files of a {@link ModelDirectory} lie: a local folder, or any file system that another
 * module knows. Names are relative to the root, with {@code /} between folders.
 */
public interface ModelStore {

  /** What users call it: a path or a URI. */
  String root();

  /** The names of what lies directly in a folder, in any order; none where it is not there. */
  List<String> names(String folder) throws IOException;

  /** The bytes of a file, if it is there. */
  Optional<byte[]> read(String file) throws IOException;

  /**
   * Writes a folder that is not there yet.
   *
   * @param files by name; the last one says that the folder is whole
   * @throws java.nio.file.FileAlreadyExistsException if a whole folder is there
   */
  void publish(String folder, Map<String, byte[]> files) throws IOException;
}
