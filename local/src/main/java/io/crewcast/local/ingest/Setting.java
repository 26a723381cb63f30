package io.crewcast.local.ingest;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * One place in a YAML file. It knows its file and line, so that whatever is wrong there is said
 * with both.
 */
record Setting(Path file, Node node) {

  static Setting read(Path file) {
    try (Reader reader = Files.newBufferedReader(file)) {
      Node root = new Yaml(new LoaderOptions()).compose(reader);
      if (root == null) {
        throw new MappingException(file + ": is empty; write `mapping:` and `read:`");
      }
      return new Setting(file, root);
    } catch (MarkedYAMLException e) {
      int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
      throw new MappingException(
          file
              + ":"
              + line
              + ": is not valid YAML: "
              + e.getProblem()
              + "; check the indentation and quote { } : #");
    } catch (IOException e) {
      throw new MappingException(file + ": cannot be read: " + e.getMessage());
    }
  }

  MappingException fault(String problemAndRemedy) {
    return new MappingException(
        file + ":" + (node.getStartMark().getLine() + 1) + ": " + problemAndRemedy);
  }

  boolean isMap() {
    return node instanceof MappingNode;
  }

  boolean isList() {
    return node instanceof SequenceNode;
  }

  /** The entries in the order of the file; a key that is not among the allowed ones is a fault. */
  Map<String, Setting> entries(Set<String> allowed) {
    Map<String, Setting> entries = entries();
    entries.forEach(
        (key, value) -> {
          if (!allowed.contains(key)) {
            throw value.fault(
                "`" + key + "` means nothing here; use one of " + String.join(", ", allowed));
          }
        });
    return entries;
  }

  /**
   * The entries; those that a merge key ({@code <<: *other}) brings in give way to the map's own.
   */
  Map<String, Setting> entries() {
    if (!(node instanceof MappingNode map)) {
      throw fault("expected keys and values (`key: value`)");
    }
    Map<String, Setting> merged = new LinkedHashMap<>();
    Map<String, Setting> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : map.getValue()) {
      if (tuple.getKeyNode().getTag().equals(Tag.MERGE)) {
        merged.putAll(new Setting(file, tuple.getValueNode()).entries());
        continue;
      }
      Setting key = new Setting(file, tuple.getKeyNode());
      if (entries.put(key.text(), new Setting(file, tuple.getValueNode())) != null) {
        throw key.fault("`" + key.text() + "` stands twice; remove one");
      }
    }
    merged.putAll(entries);
    return merged;
  }

  /** The items; a single value is a list of one. */
  List<Setting> items() {
    return node instanceof SequenceNode list
        ? list.getValue().stream().map(item -> new Setting(file, item)).toList()
        : List.of(this);
  }

  String text() {
    String text = textOrNull();
    if (text == null) {
      throw fault("expected a value, found null; write one, or remove the key");
    }
    return text;
  }

  @Nullable String textOrNull() {
    if (!(node instanceof ScalarNode scalar)) {
      throw fault("expected a single value; quote it if it starts with { or [");
    }
    return scalar.getTag().equals(Tag.NULL) ? null : scalar.getValue();
  }
}
