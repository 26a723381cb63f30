package io.crewcast.local.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A whole number of something, and not none of it. */
final class AtLeastOne implements ITypeConverter<Integer> {

  @Override
  public Integer convert(String text) {
    try {
      int number = Integer.parseInt(text);
      if (number > 0) {
        return number;
      }
    } catch (NumberFormatException unused) {
      // said below
    }
    throw new TypeConversionException("'%s' is no whole number from 1 on".formatted(text));
  }
}
