package io.crewcast.scoring.yaml;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One YAML file that people write, such as a model's.
 *
 * @param <E> what is thrown where it is wrong: in one line the file, the line and what to do
 */
public final class YamlFile<E extends RuntimeException> {

  private static final ObjectMapper YAML =
      YAMLMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();
  private static final String SUFFIX = ".yaml";
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,62}");
  private static final Pattern DURATION = Pattern.compile("(\\d{1,4})([hd])");
  private static final Pattern PERCENT = Pattern.compile("(\\d{1,2}|100)%");

  private final Path path;
  private final String text;
  private final BiFunction<String, @Nullable Throwable, E> thrown;

  private YamlFile(Path path, String text, BiFunction<String, @Nullable Throwable, E> thrown) {
    this.path = path;
    this.text = text;
    this.thrown = thrown;
  }

  /**
   * Opens a file.
   *
   * @param plural what such files define, such as {@code models}
   * @param thrown makes a fault of its message and what caused it
   */
  public static <E extends RuntimeException> YamlFile<E> open(
      Path path, String plural, BiFunction<String, @Nullable Throwable, E> thrown) {
    try {
      return new YamlFile<>(path, Files.readString(path), thrown);
    } catch (NoSuchFileException e) {
      throw thrown.apply(
          "%s is not there; %s are %s"
              .formatted(path, plural, names(path.toAbsolutePath().resolveSibling(""))),
          e);
    } catch (IOException e) {
      throw thrown.apply(path + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** The YAML files of a folder, by name. */
  public static List<Path> in(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String names(Path folder) {
    try {
      return in(folder).stream().map(YamlFile::name).collect(Collectors.joining(", "));
    } catch (UncheckedIOException e) {
      return "nowhere: " + folder + " cannot be read";
    }
  }

  private static String name(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.substring(0, name.length() - SUFFIX.length());
  }

  /** What stands in it. */
  public <T> T read(Class<T> type) {
    try {
      return YAML.readValue(text, type);
    } catch (UnrecognizedPropertyException e) {
      throw fault(
          "",
          e.getPropertyName() + ":",
          "no entry '%s' here; use one of %s"
              .formatted(e.getPropertyName(), sorted(e.getKnownPropertyIds())));
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
      String message =
          e instanceof MismatchedInputException mismatch
              ? MisreadValue.inWords(mismatch)
              : e.getOriginalMessage();
      throw thrown.apply(path + ":" + line + ": " + message, e);
    }
  }

  private static String sorted(Collection<Object> known) {
    return known.stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
  }

  /** What must stand in a section; the line of a fault is that of the section. */
  public <T> T required(String section, @Nullable T value, String name) {
    if (value == null) {
      throw fault(section, section, "'" + name + "' is missing; add it");
    }
    return value;
  }

  /**
   * What a file defines must be called as the file is.
   *
   * @param kind such as {@code model}
   */
  public void requireOwnName(String kind, String name) {
    if (!NAME.matcher(name).matches()
        || !String.valueOf(path.getFileName()).equals(name + SUFFIX)) {
      throw fault(
          "", name, "%s '%s' must be snake_case and the name of its file".formatted(kind, name));
    }
  }

  public void requireName(String section, String name) {
    if (!NAME.matcher(name).matches()) {
      throw fault(section, name, "'" + name + "' is no name; use a to z, 0 to 9 and _");
    }
  }

  /** {@code 70%} as 0.7. */
  public double share(String percent, String section, String mention) {
    var matcher = PERCENT.matcher(percent);
    if (!matcher.matches()) {
      throw fault(section, mention, "'" + percent + "' is no share; write such as 70%");
    }
    return Integer.parseInt(matcher.group(1)) / 100.0;
  }

  /** {@code 12h} or {@code 90d}. */
  public Duration duration(String text) {
    var matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw fault("", text, "'" + text + "' is no duration; write such as 12h or 90d");
    }
    long amount = Long.parseLong(matcher.group(1));
    return matcher.group(2).equals("h") ? Duration.ofHours(amount) : Duration.ofDays(amount);
  }

  /** As {@link #duration}, and refuses none at all. */
  public Duration span(String text) {
    Duration span = duration(text);
    if (span.isZero()) {
      throw fault("", text, "'" + text + "' is no time; write such as 12h or 90d");
    }
    return span;
  }

  /**
   * What is wrong; the line is that of the first mention of it.
   *
   * @param section such as {@code gate}, within which the mention is looked for; empty: anywhere
   */
  public E fault(String section, String mention, String message) {
    int from = section.isEmpty() ? 0 : Math.max(0, text.indexOf("\n" + section + ":") + 1);
    int at = Math.max(from, text.indexOf(mention, from));
    long line = 1 + text.substring(0, at).chars().filter(c -> c == '\n').count();
    return thrown.apply(path + ":" + line + ": " + message, null);
  }
}
