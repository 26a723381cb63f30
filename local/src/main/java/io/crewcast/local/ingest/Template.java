package io.crewcast.local.ingest;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Text with columns in it, such as {@code te-{entry_key}}. It is null for a row where one of its
 * columns is.
 */
final class Template {
  private static final Pattern COLUMN = Pattern.compile("\\{([^{}]+)}");

  private final List<String> texts = new ArrayList<>();
  private final List<String> columns = new ArrayList<>();

  static Template parse(Setting setting, Set<String> known) {
    Template template = new Template();
    String text = setting.text();
    Matcher matcher = COLUMN.matcher(text);
    int end = 0;
    while (matcher.find()) {
      String column = matcher.group(1);
      if (!known.contains(column)) {
        throw setting.fault(
            "no column `" + column + "` in the file; it has " + String.join(", ", known));
      }
      template.texts.add(text.substring(end, matcher.start()));
      template.columns.add(column);
      end = matcher.end();
    }
    template.texts.add(text.substring(end));
    return template;
  }

  @Nullable String of(Row row) {
    if (columns.size() == 1 && texts.get(0).isEmpty() && texts.get(1).isEmpty()) {
      return row.get(columns.get(0));
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < columns.size(); i++) {
      String value = row.get(columns.get(i));
      if (value == null) {
        return null;
      }
      text.append(texts.get(i)).append(value);
    }
    return text.append(texts.get(columns.size())).toString();
  }
}
