package io.crewcast.scoring.model;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Models in a local folder. What is published is written beside its place and renamed into it. */
record LocalModelStore(Path path) implements ModelStore {

  @Override
  public String root() {
    return path.toString();
  }

  @Override
  public List<String> names(String folder) throws IOException {
    Path listed = path.resolve(folder);
    if (!Files.isDirectory(listed)) {
      return List.of();
    }
    try (Stream<Path> names = Files.list(listed)) {
      return names.map(name -> name.getFileName().toString()).toList();
    }
  }

  @Override
  public Optional<byte[]> read(String file) throws IOException {
    Path read = path.resolve(file);
    return Files.isRegularFile(read) ? Optional.of(Files.readAllBytes(read)) : Optional.empty();
  }

  @Override
  public void publish(String folder, Map<String, byte[]> files) throws IOException {
    Path target = path.resolve(folder);
    Path parent = Files.createDirectories(Objects.requireNonNull(target.getParent()));
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    Path written = Files.createTempDirectory(parent, ".writing-");
    try {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Files.write(written.resolve(file.getKey()), file.getValue());
      }
      Files.setPosixFilePermissions(written, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      delete(written);
    }
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
