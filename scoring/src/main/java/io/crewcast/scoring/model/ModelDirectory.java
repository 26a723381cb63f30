package io.crewcast.scoring.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * The versions of all models: {@code <root>/<name>/<version>/} with {@code model.ubj}, or {@code
 * model.json} of a model without labels, {@code model.yaml}, {@code reference.json}, {@code
 * MODEL_CARD.md} and {@code model_card.json}.
 *
 * <p>A version is immutable, is there once its {@code model.yaml} is, and every file is checked
 * against its hash when it is opened.
 */
public record ModelDirectory(ModelStore store) {

  public static final String TREES = "model.ubj";
  public static final String NORMAL = "model.json";
  public static final String MANIFEST = "model.yaml";
  public static final String REFERENCE = "reference.json";
  public static final String CARD = "MODEL_CARD.md";
  public static final String CARD_JSON = "model_card.json";

  private static final ObjectMapper YAML =
      YAMLMapper.builder()
          .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
          .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
          // Without quotes a category such as 12 or no would come back as something else.
          .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
          .build();

  /** A local folder. */
  public ModelDirectory(Path root) {
    this(new LocalModelStore(root));
  }

  /**
   * One version that was opened, its files checked.
   *
   * @param path where it lies, as its store calls it
   * @param files all of its files but the manifest, by name
   */
  public record Version(String path, ModelManifest manifest, Map<String, byte[]> files) {

    /** The content of {@code model.ubj}. */
    public byte[] trees() {
      return Objects.requireNonNull(files.get(TREES));
    }

    /** What it takes for normal; empty of a model of trees. */
    public Optional<RobustDeviation> normal() {
      byte[] file = files.get(NORMAL);
      return file == null
          ? Optional.empty()
          : Optional.of(RobustDeviation.read(path + "/" + NORMAL, file));
    }

    /** What it was trained on; empty where that is not known, as of an imported version. */
    public Optional<Reference> reference() {
      byte[] file = files.get(REFERENCE);
      return file == null
          ? Optional.empty()
          : Optional.of(Reference.read(path + "/" + REFERENCE, file));
    }
  }

  /** Names of all models that have a version. */
  public List<String> names() throws IOException {
    List<String> names = new ArrayList<>();
    for (String name : store.names("")) {
      if (!versions(name).isEmpty()) {
        names.add(name);
      }
    }
    return names.stream().sorted().toList();
  }

  /** Versions of a model, oldest first. */
  public List<Integer> versions(String name) throws IOException {
    List<Integer> versions = new ArrayList<>();
    for (String version : store.names(name)) {
      if (version.matches("[1-9]\\d{0,8}")
          && store.names(name + "/" + version).contains(MANIFEST)) {
        versions.add(Integer.valueOf(version));
      }
    }
    return versions.stream().sorted().toList();
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
    String folder = name + "/" + version;
    String path = store.root() + "/" + folder;
    ModelManifest manifest = manifest(name, version);
    String model = manifest.objective().equals(ProblemType.ROBUST_DEVIATION) ? NORMAL : TREES;
    if (!manifest.files().containsKey(model)) {
      throw new InvalidModelException(
          "%s/%s names no hash of %s: train again".formatted(path, MANIFEST, model));
    }
    Map<String, byte[]> files = new LinkedHashMap<>();
    for (Map.Entry<String, String> file : manifest.files().entrySet()) {
      byte[] bytes = store.read(folder + "/" + file.getKey()).orElse(new byte[0]);
      if (!sha256(bytes).equals(file.getValue())) {
        throw new InvalidModelException(
            "%s/%s is not the file that was trained: restore it or train again"
                .formatted(path, file.getKey()));
      }
      files.put(file.getKey(), bytes);
    }
    return new Version(path, manifest, files);
  }

  /**
   * What a version's {@code model.yaml} says; its other files are not looked at.
   *
   * @throws InvalidModelException if it is not there or cannot be read
   */
  public ModelManifest manifest(String name, int version) throws IOException {
    String file = name + "/" + version + "/" + MANIFEST;
    String path = store.root() + "/" + file;
    byte[] bytes =
        store
            .read(file)
            .orElseThrow(
                () ->
                    new InvalidModelException(
                        "%s is not there: ./crewcast models list shows which versions are"
                            .formatted(path)));
    ModelManifest manifest;
    try {
      manifest = YAML.readValue(bytes, ModelManifest.class);
    } catch (JsonProcessingException e) {
      throw new InvalidModelException(
          "%s cannot be read (%s): train again".formatted(path, e.getOriginalMessage()), e);
    }
    if (!manifest.model().equals(name) || manifest.version() != version) {
      throw new InvalidModelException(
          "%s is of %s version %d: it was copied to the wrong place"
              .formatted(path, manifest.model(), manifest.version()));
    }
    return manifest;
  }

  /**
   * Publishes a new version.
   *
   * @param manifest without hashes, which are filled in
   * @param files all other files of the version
   */
  public Version publish(ModelManifest manifest, Map<String, byte[]> files) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    files.forEach((name, bytes) -> hashes.put(name, sha256(bytes)));
    Map<String, byte[]> all = new LinkedHashMap<>(files);
    all.put(MANIFEST, YAML.writeValueAsBytes(manifest.with(hashes)));
    store.publish(manifest.model() + "/" + manifest.version(), all);
    return open(manifest.model(), manifest.version());
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
