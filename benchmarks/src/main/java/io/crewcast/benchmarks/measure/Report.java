package io.crewcast.benchmarks.measure;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What a suite measured.
 *
 * @param suite its name
 * @param quick whether it was for a first impression only
 * @param machine on which
 * @param figures in the order of the suite
 * @param notes to read with them
 */
public record Report(
    String suite, boolean quick, Machine machine, List<Figure> figures, List<String> notes) {

  private static final String LINE = "%-61s %10s %-3s %8s  %-9s %s";

  /** As lines for people. */
  public void print(PrintWriter out) {
    out.println(machine);
    notes.forEach(out::println);
    if (machine.isBusy()) {
      out.println(
          "Other programs keep this machine busy: the clock counts them too, processor time does not.");
    }
    if (quick) {
      out.println("Quick: few keys and short runs; leave out --quick for figures to quote.");
    }
    out.println();
    out.println(line("", "figure", "", "ratio", "target", ""));
    figures.forEach(figure -> out.println(line(figure)));
    out.flush();
  }

  private static String line(Figure figure) {
    Double ratio = figure.ratio();
    Target target = figure.target();
    return line(
        figure.name(),
        Figure.text(figure.value()),
        figure.unit(),
        ratio == null ? "" : Figure.text(ratio),
        target == null ? "" : target.toString(),
        figure.met() == null ? "" : figure.met() ? "met" : "not met");
  }

  private static String line(Object... cells) {
    return String.format(Locale.ROOT, LINE, cells).stripTrailing();
  }

  /** As JSON for programs. */
  public void write(Path file) throws IOException {
    JsonMapper.builder()
        .enable(SerializationFeature.INDENT_OUTPUT)
        .build()
        .writeValue(file.toFile(), this);
  }
}
