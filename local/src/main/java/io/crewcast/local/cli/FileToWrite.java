package io.crewcast.local.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A file that is written when the work is done: that it cannot be is said before. */
final class FileToWrite implements ITypeConverter<Path> {

  @Override
  public Path convert(String text) {
    Path file = Path.of(text);
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new TypeConversionException("no folder for '%s': make it".formatted(text));
    }
    if (Files.isDirectory(file)) {
      throw new TypeConversionException("'%s' is a folder: name a file".formatted(text));
    }
    return file;
  }
}
