package io.crewcast.features.definition;

import io.crewcast.features.aggregate.Additive;
import io.crewcast.features.aggregate.Aggregation;
import io.crewcast.features.aggregate.Catalogue;
import io.crewcast.features.aggregate.Catalogue.Option;
import io.crewcast.features.aggregate.Ranked;
import io.crewcast.features.aggregate.Tallied;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.expression.Expression;
import io.crewcast.schemas.expression.FactFields;
import io.crewcast.schemas.expression.NearestNames;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One entry under {@code features:}, read and checked. */
final class FeatureEntry {

  /** Units by how many minutes they have. */
  static final Map<String, Long> UNITS = units();

  private static final int MOST_KEYS = 100_000;
  private static final int MOST_OBSERVATIONS = 100;

  private final String name;
  private final YamlFile node;
  private final Map<String, YamlFile> fields;
  private final YamlFile input;
  private final String aggregationName;
  private final Aggregation aggregation;
  private final FactSource source;
  private final String inputName;
  private final ValueType inputType;

  /**
   * Reads one feature.
   *
   * @throws InvalidDefinitionException with file, line and what to do
   */
  static Feature read(String name, YamlFile node, Map<String, FactSource> sources) {
    return new FeatureEntry(name, node, sources).feature();
  }

  private FeatureEntry(String name, YamlFile node, Map<String, FactSource> sources) {
    this.name = name;
    this.node = node;
    this.fields = node.entries(allowed());
    List<String> named = Catalogue.names().stream().filter(fields::containsKey).toList();
    if (named.size() != 1) {
      throw node.fault(
          "'" + name + "' needs exactly one of " + String.join(", ", Catalogue.names()));
    }
    this.aggregationName = named.get(0);
    this.input = node.field(allowed(), aggregationName);
    this.aggregation = aggregation();
    String[] path = input.text().split("\\.", 2);
    FactSource facts = sources.get(path[0]);
    if (facts == null) {
      throw input.fault(
          "no facts '" + path[0] + "'; declared are " + String.join(", ", sources.keySet()));
    }
    this.source = facts;
    this.inputName = path.length == 1 ? "" : path[1];
    this.inputType = inputType(path[0]);
  }

  /** What an entry may say beside its aggregation. */
  static List<String> options() {
    List<String> options = new ArrayList<>();
    options.addAll(List.of("unit", "windows", "hop", "by", "of", "at_most", "about"));
    for (Option option : Option.values()) {
      options.add(yamlName(option));
    }
    return options;
  }

  static String yamlName(Option option) {
    return option.name().toLowerCase(Locale.ROOT);
  }

  private static List<String> allowed() {
    List<String> allowed = new ArrayList<>(Catalogue.names());
    allowed.addAll(options());
    return allowed;
  }

  private Feature feature() {
    if (!aggregation.accepts(inputType)) {
      throw input.fault(
          "'%s' is %s, which %s cannot take"
              .formatted(input.text(), inputType.withArticle(), aggregationName));
    }
    return new Feature(
        name,
        aggregation,
        source,
        inputName,
        inputType,
        key(),
        atMost(),
        divisor(),
        windows(),
        node.field(allowed(), "about").text(),
        saying());
  }

  private Aggregation aggregation() {
    for (Option option : Option.values()) {
      YamlFile said = fields.get(yamlName(option));
      if (said != null && !Catalogue.options(aggregationName).contains(option)) {
        throw said.fault(aggregationName + " takes no " + yamlName(option) + "; remove it");
      }
    }
    boolean needsAt = Catalogue.options(aggregationName).contains(Option.AT);
    YamlFile at = needsAt ? node.field(allowed(), yamlName(Option.AT)) : null;
    double share = at == null ? 0 : at.number(0, 1);
    YamlFile n = fields.get(yamlName(Option.N));
    return Catalogue.of(aggregationName, share, n == null ? 1 : n.whole(1, MOST_OBSERVATIONS));
  }

  private ValueType inputType(String facts) {
    if (inputName.isEmpty()) {
      if (!aggregationName.equals("count")) {
        throw input.fault("name what to aggregate, such as " + facts + ".minutes");
      }
      return ValueType.LONG;
    }
    if (aggregationName.equals("count")) {
      throw input.fault("count takes facts, not a field; write " + facts);
    }
    Expression let = source.let().get(inputName);
    return let == null ? fieldType(input, inputName, source.let().keySet()) : let.type();
  }

  /**
   * @param others what might have been meant beside a field
   */
  private ValueType fieldType(YamlFile place, String field, Set<String> others) {
    Map<String, ValueType> types = FactFields.types(source.kind());
    ValueType type = types.get(field);
    if (type == null) {
      List<String> known = new ArrayList<>(types.keySet());
      known.addAll(others);
      throw place.fault(
          "a %s has no '%s'; %s"
              .formatted(source.kind().yamlName(), field, NearestNames.to(field, known)));
    }
    return type;
  }

  /** The field that splits it: {@code by} goes with sums, {@code of} with what is weighed. */
  private @Nullable String key() {
    YamlFile by = fields.get("by");
    YamlFile of = fields.get("of");
    boolean weighted = aggregation instanceof Tallied tallied && tallied.isWeighted();
    if (by != null && !(aggregation instanceof Additive)) {
      throw by.fault("by goes with count, sum, mean and stddev; remove it");
    } else if (of != null && !weighted) {
      throw of.fault("of goes with gini; remove it");
    } else if (of == null && weighted) {
      throw node.fault(
          aggregationName + " compares shares: name whose they are, such as of: worker_id");
    }
    YamlFile key = by == null ? of : by;
    if (key == null) {
      return null;
    }
    if (fieldType(key, key.text(), Set.of()) != ValueType.STRING) {
      throw key.fault(
          "'%s' is no text; name a text field of %s"
              .formatted(key.text(), source.kind().yamlName()));
    }
    return key.text();
  }

  private int atMost() {
    YamlFile said = fields.get("at_most");
    int usual = aggregation instanceof Tallied tallied ? tallied.atMost() : 256;
    if (said == null) {
      return usual;
    }
    boolean bounded = aggregation instanceof Tallied ? usual != Integer.MAX_VALUE : key() != null;
    if (!bounded) {
      throw said.fault("at_most bounds different values, here are none; remove it");
    }
    return said.whole(1, MOST_KEYS);
  }

  private long divisor() {
    YamlFile unit = fields.get("unit");
    if (unit == null) {
      return 1;
    }
    Long divisor = UNITS.get(unit.text());
    if (divisor == null) {
      throw unit.fault(
          "no unit '" + unit.text() + "'; use one of " + String.join(", ", UNITS.keySet()));
    }
    if (!aggregation.isAmount() || !inputType.isNumber() || !inputName.endsWith("minutes")) {
      throw unit.fault("a unit converts an amount of minutes, this is none; remove it");
    }
    return divisor;
  }

  private List<Window> windows() {
    YamlFile said = fields.get("windows");
    YamlFile hop = fields.get("hop");
    if (said != null && source.held()) {
      throw said.fault(
          "'" + source.name() + "' counts while it stands and has no windows; remove windows");
    } else if (said == null && hop != null) {
      throw hop.fault("a lifetime has no hop; remove it, or add windows");
    }
    Hop step = hop == null ? null : hop.checked(() -> Hop.parse(hop.text()));
    List<Window> windows =
        said == null
            ? List.of(Window.LIFETIME)
            : said.items().stream()
                .map(window -> window.checked(() -> Window.parse(window.text(), step)))
                .toList();
    long lengths = windows.stream().map(Window::length).distinct().count();
    if (lengths < windows.size()) {
      throw Objects.requireNonNull(said).fault("two windows of one length; remove one");
    } else if (windows.isEmpty()) {
      throw Objects.requireNonNull(said)
          .fault("a list without a window; remove it for a lifetime, or write [7d, 30d]");
    } else if (hop != null && windows.stream().allMatch(Window::isLifetime)) {
      throw hop.fault("a lifetime has no hop; remove it, or add windows");
    }
    boolean remembered =
        source.readsOthers()
            && (source.let().containsKey(inputName) || aggregation instanceof Ranked);
    if (remembered && windows.stream().anyMatch(Window::isLifetime)) {
      throw input.fault(
          "'%s' depends on other entities, which is remembered for %d days and not for a lifetime; give '%s' windows of at most 365d"
              .formatted(input.text(), EntityDefinition.CORRECTABLE_FOR.toDays(), name));
    }
    return windows;
  }

  /** What the feature means, in words that stay the same while its meaning does. */
  private String saying() {
    StringBuilder saying = new StringBuilder(aggregationName).append(' ').append(source.saying());
    if (!inputName.isEmpty()) {
      saying.append('.').append(inputName);
      Expression let = source.let().get(inputName);
      if (let != null) {
        saying.append(" = ").append(let.source());
      }
    }
    fields.forEach(
        (option, said) -> {
          if (!List.of(aggregationName, "windows", "hop", "about").contains(option)) {
            saying.append(", ").append(option).append(' ').append(said.text());
          }
        });
    return saying.toString();
  }

  /** {@code hours} for 60. */
  static String unitOf(long minutes) {
    return UNITS.entrySet().stream()
        .filter(unit -> unit.getValue() == minutes)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  private static Map<String, Long> units() {
    Map<String, Long> units = new LinkedHashMap<>();
    units.put("minutes", 1L);
    units.put("hours", 60L);
    units.put("days", 1_440L);
    return units;
  }
}
