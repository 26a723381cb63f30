package io.crewcast.features.definition;

import io.crewcast.schemas.expression.Expression;
import io.crewcast.schemas.expression.InvalidExpressionException;
import java.io.IOException;
import java.io.Reader;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** A place in a YAML file: reads what is there and names file and line when it does not fit. */
final class YamlFile {

  private final Path file;
  private final Node node;

  private YamlFile(Path file, Node node) {
    this.file = file;
    this.node = node;
  }

  static YamlFile read(Path file) throws IOException {
    LoaderOptions options = new LoaderOptions();
    options.setAllowDuplicateKeys(false);
    try (Reader reader = Files.newBufferedReader(file)) {
      Node root = new Yaml(options).compose(reader);
      if (root == null) {
        throw new InvalidDefinitionException(
            file + ": the file is empty; write entity, facts and features, or remove it");
      }
      return new YamlFile(file, root);
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      throw new InvalidDefinitionException(file + ":" + line + ": " + e.getProblem());
    }
  }

  InvalidDefinitionException fault(String message) {
    return new InvalidDefinitionException(
        file + ":" + (node.getStartMark().getLine() + 1) + ": " + message);
  }

  String text() {
    if (node instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
      return scalar.getValue();
    }
    throw fault("a text is needed here");
  }

  /** A whole number within bounds. */
  int whole(int least, int most) {
    double number = number(least, most);
    if (number != Math.rint(number)) {
      throw fault("'" + text() + "' is no whole number");
    }
    return (int) number;
  }

  /** A number within bounds. */
  double number(double least, double most) {
    try {
      double number = Double.parseDouble(text());
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw fault("'%s' is no number from %s to %s".formatted(text(), plain(least), plain(most)));
  }

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }

  /** The entries of a mapping, in order; refuses a name that is not allowed. */
  Map<String, YamlFile> entries(@Nullable Collection<String> allowed) {
    if (!(node instanceof MappingNode mapping)) {
      throw fault("name: value pairs are needed here");
    }
    Map<String, YamlFile> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      YamlFile name = new YamlFile(file, tuple.getKeyNode());
      if (allowed != null && !allowed.contains(name.text())) {
        throw name.fault(
            "'" + name.text() + "' is not known here; use one of " + String.join(", ", allowed));
      }
      if (entries.put(name.text(), new YamlFile(file, tuple.getValueNode())) != null) {
        throw name.fault("'" + name.text() + "' stands here twice; remove one");
      }
    }
    return entries;
  }

  /** One entry of a mapping, which must be there. */
  YamlFile field(Collection<String> allowed, String name) {
    YamlFile field = entries(allowed).get(name);
    if (field == null) {
      throw fault("'%s' is missing here; add %s: with what it should be".formatted(name, name));
    }
    return field;
  }

  /** What is read here; a fault of it is told with file and line. */
  <T> T checked(Supplier<T> read) {
    try {
      return read.get();
    } catch (InvalidDefinitionException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw fault(String.valueOf(e.getMessage()));
    }
  }

  /**
   * An expression that is read here.
   *
   * @param why what there is to say of a name that it does not know, beside the nearest ones
   */
  Expression expression(Function<String, Expression> read, Function<String, Optional<String>> why) {
    return checked(
        () -> {
          try {
            return read.apply(text());
          } catch (InvalidExpressionException e) {
            Optional<String> reason = e.unknown().flatMap(why);
            throw reason.isPresent()
                ? fault("'%s': %s".formatted(text(), reason.get()))
                : fault(String.valueOf(e.getMessage()));
          }
        });
  }

  List<YamlFile> items() {
    if (!(node instanceof SequenceNode sequence)) {
      throw fault("a list is needed here, such as [7d, 30d]");
    }
    List<YamlFile> items = new ArrayList<>();
    sequence.getValue().forEach(item -> items.add(new YamlFile(file, item)));
    return items;
  }
}
