package io.crewcast.scoring.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The models on disk: {@code <root>/<name>/<version>/} with {@code model.ubj}, {@code model.yaml},
 * {@code reference.json} and {@code MODEL_CARD.md}.
 *
 * <p>A version is immutable: it is written beside its place and renamed into it, and every file is
 * checked against its hash when it is opened.
 */
public record ModelDirectory(Path root) {

  public static final String TREES = "model.ubj";
  public static final String MANIFEST = "model.yaml";
  public static final String REFERENCE = "reference.json";
  public static final String CARD = "MODEL_CARD.md";

  private static final ObjectMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          // Without quotes a category such as 12 or no would come back as something else.
          .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .build();

  /** One version that was opened, its files checked. */
  @SuppressWarnings("ArrayRecordComponent") // bytes of a file, never compared
  public record Version(Path path, ModelManifest manifest, byte[] trees) {}

  /** Names of all models that have a version. */
  public List<String> names() throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> names = Files.list(root)) {
      return names
          .filter(Files::isDirectory)
          .map(p -> p.getFileName().toString())
          .sorted()
          .toList();
    }
  }

  /** Versions of a model, oldest first. */
  public List<Integer> versions(String name) throws IOException {
    Path model = root.resolve(name);
    if (!Files.isDirectory(model)) {
      return List.of();
    }
    try (Stream<Path> versions = Files.list(model)) {
      return versions
          .map(version -> version.getFileName().toString())
          .filter(version -> version.matches("[1-9]\\d{0,8}"))
          .map(Integer::valueOf)
          .sorted()
          .toList();
    }
  }

  /** The newest version of a model, if there is any. */
  public OptionalInt newest(String name) throws IOException {
    return versions(name).stream().mapToInt(Integer::intValue).max();
  }

  /**
   * Opens a version.
   *
   * @throws InvalidModelException if a file is missing or not what was written
   */
  public Version open(String name, int version) throws IOException {
    Path path = root.resolve(name).resolve(Integer.toString(version));
    Path manifestFile = path.resolve(MANIFEST);
    if (!Files.isRegularFile(manifestFile)) {
      throw new InvalidModelException(
          "%s is not there: ./crewcast models list shows which versions are"
              .formatted(manifestFile));
    }
    ModelManifest manifest;
    try {
      manifest = YAML.readValue(Files.readAllBytes(manifestFile), ModelManifest.class);
    } catch (JsonProcessingException e) {
      throw new InvalidModelException(
          "%s cannot be read (%s): train again".formatted(manifestFile, e.getOriginalMessage()), e);
    }
    if (!manifest.model().equals(name) || manifest.version() != version) {
      throw new InvalidModelException(
          "%s is of %s version %d: it was copied to the wrong place"
              .formatted(manifestFile, manifest.model(), manifest.version()));
    }
    if (!manifest.files().containsKey(TREES)) {
      throw new InvalidModelException(
          manifestFile + " names no hash of " + TREES + ": train again");
    }
    byte[] trees = new byte[0];
    for (Map.Entry<String, String> file : manifest.files().entrySet()) {
      Path other = path.resolve(file.getKey());
      byte[] bytes = Files.isRegularFile(other) ? Files.readAllBytes(other) : new byte[0];
      if (!sha256(bytes).equals(file.getValue())) {
        throw new InvalidModelException(
            "%s is not the file that was trained: restore it or train again".formatted(other));
      }
      if (file.getKey().equals(TREES)) {
        trees = bytes;
      }
    }
    return new Version(path, manifest, trees);
  }

  /**
   * Publishes a new version.
   *
   * @param manifest without hashes, which are filled in
   * @param files all other files of the version
   */
  public Version publish(ModelManifest manifest, Map<String, byte[]> files) throws IOException {
    Path model = Files.createDirectories(root.resolve(manifest.model()));
    Path target = model.resolve(Integer.toString(manifest.version()));
    if (Files.exists(target)) {
      throw new FileAlreadyExistsException(target.toString());
    }
    Map<String, String> hashes = new TreeMap<>();
    files.forEach((name, bytes) -> hashes.put(name, sha256(bytes)));
    ModelManifest complete =
        new ModelManifest(
            manifest.model(),
            manifest.version(),
            manifest.objective(),
            manifest.inputs(),
            manifest.outputs(),
            manifest.window(),
            manifest.metrics(),
            manifest.baseline(),
            manifest.rounds(),
            manifest.trainedWith(),
            hashes);
    Path written = Files.createTempDirectory(model, ".writing-");
    try {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Files.write(written.resolve(file.getKey()), file.getValue());
      }
      Files.write(written.resolve(MANIFEST), YAML.writeValueAsBytes(complete));
      Files.setPosixFilePermissions(written, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.move(written, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      delete(written);
    }
    return open(manifest.model(), manifest.version());
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

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
