package io.crewcast.scoring.operator;

import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.flink.core.fs.FileStatus;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;

/**
 * Models on any file system that Flink has: {@code file:}, {@code s3:}, {@code hdfs:}, as its
 * plugins provide.
 *
 * <p>An object store renames nothing at once, so a folder is published file by file, the one that
 * says that it is whole last. Two who publish the same folder at once are not told apart where the
 * file system does not.
 */
public record FlinkModelStore(Path path) implements ModelStore {

  private static final Pattern URI = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:/.*");

  /**
   * The models at a place that a user named.
   *
   * @param at a local path, or a URI of a file system that Flink has
   */
  public static ModelDirectory directory(String at) {
    return URI.matcher(at).matches()
        ? new ModelDirectory(new FlinkModelStore(new Path(at)))
        : new ModelDirectory(java.nio.file.Path.of(at));
  }

  @Override
  public String root() {
    return path.toString();
  }

  @Override
  public List<String> names(String folder) throws IOException {
    Path listed = folder.isEmpty() ? path : new Path(path, folder);
    FileSystem files = path.getFileSystem();
    if (!files.exists(listed)) {
      return List.of();
    }
    FileStatus[] found = files.listStatus(listed);
    return found == null
        ? List.of()
        : Arrays.stream(found).map(status -> status.getPath().getName()).toList();
  }

  @Override
  public Optional<byte[]> read(String file) throws IOException {
    Path read = new Path(path, file);
    FileSystem files = path.getFileSystem();
    if (!files.exists(read)) {
      return Optional.empty();
    }
    try (InputStream in = files.open(read)) {
      return Optional.of(in.readAllBytes());
    }
  }

  @Override
  public void publish(String folder, Map<String, byte[]> files) throws IOException {
    FileSystem system = path.getFileSystem();
    Path target = new Path(path, folder);
    List<String> names = List.copyOf(files.keySet());
    String last = names.get(names.size() - 1);
    if (system.exists(new Path(target, last))) {
      throw new FileAlreadyExistsException(target.toString());
    }
    system.mkdirs(target);
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      // What is there already was left by one who did not come to the last file.
      FileSystem.WriteMode mode =
          file.getKey().equals(last)
              ? FileSystem.WriteMode.NO_OVERWRITE
              : FileSystem.WriteMode.OVERWRITE;
      try (OutputStream out = system.create(new Path(target, file.getKey()), mode)) {
        out.write(file.getValue());
      }
    }
  }
}
