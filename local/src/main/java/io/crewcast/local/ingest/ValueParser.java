package io.crewcast.local.ingest;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.specific.SpecificData;
import org.jspecify.annotations.Nullable;

/**
 * Turns a setting of a mapping into a {@link Value} for a field of the contract: a template, or a
 * map with {@code of} and what to do with it, {@code first_of}, {@code latest}, {@code earliest},
 * {@code minutes_between}. Names of columns, options and look-ups are checked here, before any row
 * is read.
 */
final class ValueParser {
  private static final Schema INSTANT =
      LogicalTypes.timestampMicros().addToSchema(SchemaBuilder.builder().longType());
  private static final Set<String> OPTIONS =
      new TreeSet<>(
          Set.of(
              "of",
              "lookup",
              "table",
              "otherwise",
              "dates",
              "zone",
              "times",
              "round",
              "at_least",
              "at_most",
              "split",
              "first_of",
              "latest",
              "earliest",
              "minutes_between"));

  private final Set<String> columns;
  private final Set<String> lookups;
  private final Dates dates;
  private final char decimal;

  ValueParser(Set<String> columns, Set<String> lookups, Dates dates, char decimal) {
    this.columns = columns;
    this.lookups = lookups;
    this.dates = dates;
    this.decimal = decimal;
  }

  Value parse(String field, Setting setting, Schema type) {
    if (!setting.isMap()) {
      Template template = Template.parse(setting, columns);
      return typed(field, template::of, type, dates, setting);
    }
    Map<String, Setting> options = setting.entries(OPTIONS);
    if (options.containsKey("first_of")) {
      return firstOf(all(field, only(setting, options, "first_of"), type));
    }
    if (options.containsKey("latest")) {
      return extreme(all(field, instants(setting, options, "latest", type), type), 1);
    }
    if (options.containsKey("earliest")) {
      return extreme(all(field, instants(setting, options, "earliest", type), type), -1);
    }
    return plain(field, setting, options, type);
  }

  private Value plain(String field, Setting setting, Map<String, Setting> options, Schema type) {
    Setting between = options.get("minutes_between");
    Setting of = options.get("of");
    if ((of == null) == (between == null)) {
      throw setting.fault(
          "say what it is made of: one of `of`, `first_of`, `latest`, `earliest`, `minutes_between`");
    }
    Dates zoned = dates(options);
    TextValue text = between == null ? of(options, of) : minutesBetween(field, between, zoned);
    Value value = typed(field, text(field, text, options), type, zoned, setting, options);
    return clamped(value, type, options);
  }

  /** Text of a row, before it is read as the field's type. */
  private interface TextValue {
    @Nullable String of(Row row);
  }

  private TextValue of(Map<String, Setting> options, @Nullable Setting of) {
    if (of == null) {
      throw new IllegalStateException("`of` was checked before");
    }
    Template template = Template.parse(of, columns);
    Setting lookup = options.get("lookup");
    if (lookup == null) {
      return template::of;
    }
    String name = lookup.text();
    if (!lookups.contains(name)) {
      throw lookup.fault(
          "no look-up `" + name + "`; declare it under `lookups:`, which has " + lookups);
    }
    return row -> {
      String key = template.of(row);
      return key == null ? null : row.look(name, key);
    };
  }

  private TextValue minutesBetween(String field, Setting between, Dates zoned) {
    List<Setting> ends = between.items();
    if (ends.size() != 2) {
      throw between.fault("needs two values: [start, end]");
    }
    Template start = Template.parse(ends.get(0), columns);
    Template end = Template.parse(ends.get(1), columns);
    return row -> {
      String from = start.of(row);
      String until = end.of(row);
      return from == null || until == null
          ? null
          : Long.toString(
              Duration.between(zoned.read(from, field), zoned.read(until, field)).toMinutes());
    };
  }

  private static TextValue text(String field, TextValue text, Map<String, Setting> options) {
    Setting table = options.get("table");
    Setting otherwise = options.get("otherwise");
    String fallback = otherwise == null ? null : otherwise.textOrNull();
    if (table == null) {
      return row -> {
        String value = text.of(row);
        return value == null ? fallback : value;
      };
    }
    Map<String, @Nullable String> rows = new HashMap<>();
    table.entries().forEach((key, value) -> rows.put(key, value.textOrNull()));
    return row -> {
      String value = text.of(row);
      if (value == null) {
        return fallback;
      }
      if (!rows.containsKey(value) && otherwise == null) {
        throw new UnusableRowException(
            field
                + ": `"
                + value
                + "` is not in the mapping's table; add it there, or an `otherwise`");
      }
      return rows.containsKey(value) ? rows.get(value) : fallback;
    };
  }

  private Dates dates(Map<String, Setting> options) {
    Setting formats = options.get("dates");
    Setting zone = options.get("zone");
    if (formats == null && zone != null) {
      throw zone.fault("a zone of its own needs `dates` of its own beside it");
    }
    return formats == null
        ? dates
        : Dates.parse(formats, zone == null ? dates.zone() : Dates.zone(zone));
  }

  private Value typed(String field, TextValue text, Schema type, Dates zoned, Setting setting) {
    return typed(field, text, type, zoned, setting, Map.of());
  }

  private Value typed(
      String field,
      TextValue text,
      Schema nullable,
      Dates zoned,
      Setting setting,
      Map<String, Setting> options) {
    Schema type = ContractSchema.nonNull(nullable);
    check(setting, options, type);
    Setting times = options.get("times");
    BigDecimal factor = times == null ? BigDecimal.ONE : decimal(times);
    Reading reading =
        switch (type.getType()) {
          case STRING -> value -> value;
          case LONG ->
              type.getLogicalType() == null
                  ? value -> whole(field, number(field, value).multiply(factor), options)
                  : value -> zoned.read(value, field);
          case DOUBLE -> value -> number(field, value).multiply(factor).doubleValue();
          case BOOLEAN -> value -> truth(field, value);
          case ENUM -> symbols(field, type, setting);
          case ARRAY -> list(options);
          default -> throw setting.fault(field + " cannot be given by a mapping");
        };
    return row -> {
      String value = text.of(row);
      return value == null ? null : reading.of(value);
    };
  }

  private interface Reading {
    Object of(String text);
  }

  private static void check(Setting setting, Map<String, Setting> options, Schema type) {
    boolean number =
        type.getLogicalType() == null
            && (type.getType() == Schema.Type.LONG || type.getType() == Schema.Type.DOUBLE);
    for (String option : List.of("times", "round", "at_least", "at_most", "minutes_between")) {
      if (options.containsKey(option) && !number) {
        throw setting.fault("`" + option + "` is for numbers, and this field is none; remove it");
      }
    }
    if (options.containsKey("split") && type.getType() != Schema.Type.ARRAY) {
      throw setting.fault("`split` is for lists, and this field is none; remove it");
    }
    Setting round = options.get("round");
    if (round != null && !List.of("half_up", "down", "up").contains(round.text())) {
      throw round.fault("`" + round.text() + "` is no way to round; use half_up, down or up");
    }
  }

  private BigDecimal number(String field, String text) {
    try {
      return new BigDecimal(decimal == '.' ? text : text.replace(decimal, '.'));
    } catch (NumberFormatException e) {
      throw new UnusableRowException(field + ": `" + text + "` is not a number");
    }
  }

  private static Long whole(String field, BigDecimal number, Map<String, Setting> options) {
    Setting round = options.get("round");
    try {
      return (round == null
              ? number
              : number.setScale(0, RoundingMode.valueOf(round.text().toUpperCase(Locale.ROOT))))
          .longValueExact();
    } catch (ArithmeticException e) {
      throw new UnusableRowException(
          field
              + ": "
              + number.toPlainString()
              + " is not a whole number; the mapping may say `round: half_up`");
    }
  }

  private static Boolean truth(String field, String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "yes", "y", "1" -> true;
      case "false", "no", "n", "0" -> false;
      default ->
          throw new UnusableRowException(field + ": `" + text + "` is neither true nor false");
    };
  }

  private static Reading symbols(String field, Schema type, Setting setting) {
    Setting constant = setting.isMap() ? null : setting;
    if (constant != null
        && !constant.text().contains("{")
        && !type.hasEnumSymbol(constant.text())) {
      throw constant.fault(
          "`"
              + constant.text()
              + "` is no "
              + type.getName()
              + "; use one of "
              + type.getEnumSymbols());
    }
    return text -> {
      if (!type.hasEnumSymbol(text)) {
        throw new UnusableRowException(
            field
                + ": `"
                + text
                + "` is none of "
                + type.getEnumSymbols()
                + "; map it with a `table`");
      }
      return SpecificData.get().createEnum(text, type);
    };
  }

  private static Reading list(Map<String, Setting> options) {
    Setting split = options.get("split");
    return text ->
        split == null
            ? List.of(text)
            : Arrays.stream(text.split(Pattern.quote(split.text())))
                .map(String::strip)
                .filter(item -> !item.isEmpty())
                .toList();
  }

  private static Value clamped(Value value, Schema nullable, Map<String, Setting> options) {
    Setting least = options.get("at_least");
    Setting most = options.get("at_most");
    if (least == null && most == null) {
      return value;
    }
    boolean whole = ContractSchema.nonNull(nullable).getType() == Schema.Type.LONG;
    BigDecimal low = least == null ? null : decimal(least);
    BigDecimal high = most == null ? null : decimal(most);
    UnaryOperator<Number> clamp =
        number -> {
          BigDecimal exact = new BigDecimal(number.toString());
          BigDecimal kept = low == null ? exact : exact.max(low);
          kept = high == null ? kept : kept.min(high);
          if (kept.compareTo(exact) == 0) {
            return number;
          }
          return whole ? (Number) kept.longValue() : (Number) kept.doubleValue();
        };
    return row -> {
      if (!(value.of(row) instanceof Number number)) {
        return null;
      }
      Number kept = clamp.apply(number);
      if (!kept.equals(number)) {
        row.countClamp();
      }
      return kept;
    };
  }

  private static BigDecimal decimal(Setting setting) {
    try {
      return new BigDecimal(setting.text());
    } catch (NumberFormatException e) {
      throw setting.fault("`" + setting.text() + "` is not a number");
    }
  }

  private static Setting only(Setting setting, Map<String, Setting> options, String name) {
    Setting only = options.get(name);
    if (only == null || options.size() != 1) {
      throw setting.fault("`" + name + "` stands alone; move the other options into its values");
    }
    return only;
  }

  private static Setting instants(
      Setting setting, Map<String, Setting> options, String name, Schema type) {
    if (!ContractSchema.nonNull(type).equals(INSTANT)) {
      throw setting.fault("`" + name + "` is for dates, and this field is none");
    }
    return only(setting, options, name);
  }

  private List<Value> all(String field, Setting list, Schema type) {
    List<Value> values = new ArrayList<>();
    for (Setting item : list.items()) {
      values.add(parse(field, item, type));
    }
    return values;
  }

  private static Value firstOf(List<Value> values) {
    return row -> {
      for (Value value : values) {
        Object found = value.of(row);
        if (found != null) {
          return found;
        }
      }
      return null;
    };
  }

  private static Value extreme(List<Value> values, int sign) {
    return row -> {
      Instant extreme = null;
      for (Value value : values) {
        Object found = value.of(row);
        if (found instanceof Instant instant
            && (extreme == null || sign * instant.compareTo(extreme) > 0)) {
          extreme = instant;
        }
      }
      return extreme;
    };
  }
}
