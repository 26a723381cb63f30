package io.crewcast.local.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A file that is needed later: that it is not there is said at once. */
final class FileToRead implements ITypeConverter<Path> {

  @Override
  public Path convert(String text) {
    Path file = Path.of(text);
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new TypeConversionException("no file '%s' to read: check the path".formatted(text));
    }
    return file;
  }
}
