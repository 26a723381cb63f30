package io.crewcast.local.verify;

import static java.util.stream.Collectors.joining;

import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.parser.CelParser;
import dev.cel.parser.CelParserFactory;
import io.crewcast.local.lake.Database;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * CEL as SQL for DuckDB: the tree of CEL's parser, node by node.
 *
 * <p>Names are real numbers wherever they are numbers; literals are whole or real, as they are
 * written. The whole is null where a name that it uses is null, where CEL would fail, and where the
 * result is no finite number.
 */
final class SqlExpression {

  private static final CelParser PARSER = CelParserFactory.standardCelParserBuilder().build();

  private static final Map<String, String> COMPARISONS =
      Map.of("_==_", "=", "_!=_", "<>", "_<_", "<", "_<=_", "<=", "_>_", ">", "_>=_", ">=");
  private static final Map<String, String> ARITHMETIC =
      Map.of("_+_", "+", "_-_", "-", "_*_", "*", "_/_", "/");
  private static final Map<String, Double> DURATIONS =
      Map.of("minutes", 60e9, "hours", 3600e9, "days", 86400e9);
  private static final Map<String, String> TEXT_TESTS =
      Map.of("startsWith", "starts_with", "endsWith", "ends_with", "contains", "contains");

  /** CEL counts months and days of the month and of the year from 0, and Sunday is 0. */
  private static final Map<String, String> PARTS_OF_INSTANTS =
      Map.of(
          "getFullYear", "year(%s)",
          "getMonth", "month(%s) - 1",
          "getDate", "day(%s)",
          "getDayOfMonth", "day(%s) - 1",
          "getDayOfYear", "dayofyear(%s) - 1",
          "getDayOfWeek", "dayofweek(%s)",
          "getHours", "hour(%s)",
          "getMinutes", "minute(%s)",
          "getSeconds", "second(%s)");

  private final String source;
  private final Function<String, Optional<SqlValue>> scope;

  private SqlExpression(String source, Function<String, Optional<SqlValue>> scope) {
    this.source = source;
    this.scope = scope;
  }

  /**
   * Translates.
   *
   * @param source CEL
   * @param scope what each name stands for; names may hold a dot
   * @return a number is always real
   * @throws UnknownExpressionException with one line that says what has no counterpart
   */
  static SqlValue translate(String source, Function<String, Optional<SqlValue>> scope) {
    SqlExpression expression = new SqlExpression(source, scope);
    CelExpr tree = parse(source);
    SqlValue value = expression.sql(tree);
    String there =
        names(tree).stream()
            .map(name -> scope.apply(name).map(SqlExpression::isThere).orElseThrow())
            .collect(joining(" and "));
    String result =
        switch (value.type()) {
          case LONG -> "cast(%s as double)".formatted(value.sql());
          case DOUBLE -> "case when isfinite(%1$s) then %1$s end".formatted(value.sql());
          case DURATION -> throw expression.unknown("a duration as a result");
          default -> value.sql();
        };
    return new SqlValue(
        there.isEmpty()
            ? "(%s)".formatted(result)
            : "(case when %s then %s end)".formatted(there, result),
        value.type() == SqlType.LONG ? SqlType.DOUBLE : value.type());
  }

  /** The names that an expression uses, each with its dots. */
  static Set<String> names(String source) {
    return names(parse(source));
  }

  private static Set<String> names(CelExpr tree) {
    Set<String> names = new TreeSet<>();
    gatherNames(tree, names);
    return names;
  }

  private static void gatherNames(CelExpr node, Set<String> names) {
    String name = name(node);
    if (name != null) {
      names.add(name);
      return;
    }
    switch (node.getKind()) {
      case CALL -> {
        node.call().target().ifPresent(target -> gatherNames(target, names));
        node.call().args().forEach(argument -> gatherNames(argument, names));
      }
      case LIST -> node.list().elements().forEach(element -> gatherNames(element, names));
      default -> {
        // a constant; what else there is has no counterpart and is refused in translation
      }
    }
  }

  private static CelExpr parse(String source) {
    try {
      return PARSER.parse(source).getAst().getExpr();
    } catch (CelValidationException e) {
      throw new UnknownExpressionException(
          "'%s' is no CEL: %s".formatted(source, String.valueOf(e.getMessage())));
    }
  }

  private static @Nullable String name(CelExpr node) {
    if (node.getKind() == CelExpr.ExprKind.Kind.IDENT) {
      return node.ident().name();
    }
    if (node.getKind() == CelExpr.ExprKind.Kind.SELECT && !node.select().testOnly()) {
      String operand = name(node.select().operand());
      return operand == null ? null : operand + '.' + node.select().field();
    }
    return null;
  }

  private static String isThere(SqlValue value) {
    return value.type() == SqlType.DOUBLE
        ? "isfinite(%s)".formatted(value.sql())
        : value.sql() + " is not null";
  }

  private SqlValue sql(CelExpr node) {
    String name = name(node);
    if (name != null) {
      return real(scope.apply(name).orElseThrow(() -> unknown("the name " + name)));
    }
    return switch (node.getKind()) {
      case CONSTANT -> constant(node.constant());
      case LIST -> list(node.list().elements());
      case CALL ->
          call(node.call().function(), node.call().target().orElse(null), node.call().args());
      default -> throw unknown("this form");
    };
  }

  private SqlValue constant(CelConstant constant) {
    return switch (constant.getKind()) {
      case INT64_VALUE -> new SqlValue("(%d)".formatted(constant.int64Value()), SqlType.LONG);
      case DOUBLE_VALUE -> new SqlValue(Sql.real(constant.doubleValue()), SqlType.DOUBLE);
      case STRING_VALUE -> new SqlValue(Database.text(constant.stringValue()), SqlType.TEXT);
      case BOOLEAN_VALUE -> new SqlValue("" + constant.booleanValue(), SqlType.BOOLEAN);
      default -> throw unknown("a literal of this kind");
    };
  }

  private SqlValue list(List<CelExpr> elements) {
    List<SqlValue> values = elements.stream().map(this::sql).toList();
    boolean numbers = !values.isEmpty() && values.stream().allMatch(v -> v.type().isNumber());
    if (!numbers && !values.stream().allMatch(value -> value.type() == SqlType.TEXT)) {
      throw unknown("a list of other than numbers or texts");
    }
    SqlType type = numbers ? SqlType.DOUBLES : SqlType.TEXTS;
    return new SqlValue(
        values.stream()
            .map(value -> real(value).sql())
            .collect(joining(", ", "cast([", "] as " + type.sql() + ")")),
        type);
  }

  private SqlValue call(String function, @Nullable CelExpr target, List<CelExpr> arguments) {
    List<SqlValue> values = new ArrayList<>();
    if (target != null) {
      values.add(sql(target));
    }
    arguments.forEach(argument -> values.add(sql(argument)));
    return switch (function) {
      case "_&&_" -> logic("and", values);
      case "_||_" -> logic("or", values);
      case "!_" -> bool("(not %s)", values.get(0));
      case "-_" -> new SqlValue("(-%s)".formatted(values.get(0).sql()), values.get(0).type());
      case "_?_:_" -> choice(values.get(0), values.get(1), values.get(2));
      case "_%_" -> remainder(values.get(0), values.get(1));
      case "@in", "_in_" -> in(values.get(0), values.get(1));
      case "_[_]" -> element(values.get(0), values.get(1));
      case "size" -> size(values.get(0));
      case "mean" -> mean(values.get(0));
      case "minutes", "hours", "days" -> inUnits(values.get(0), function);
      case "weekday" ->
          new SqlValue(
              "cast(isodow(%s) as double)".formatted(timestamp(values.get(0))), SqlType.DOUBLE);
      case "startsWith", "endsWith", "contains" ->
          bool(Sql.at(TEXT_TESTS, function) + "(%s, %s)", values.get(0), values.get(1));
      case "timestamp" -> instant(arguments.get(0));
      case "duration" -> duration(arguments.get(0));
      case "double" -> real(values.get(0));
      default -> {
        if (COMPARISONS.containsKey(function)) {
          yield comparison(Sql.at(COMPARISONS, function), values.get(0), values.get(1));
        } else if (ARITHMETIC.containsKey(function)) {
          yield arithmetic(Sql.at(ARITHMETIC, function), values.get(0), values.get(1));
        } else if (PARTS_OF_INSTANTS.containsKey(function) && values.size() == 1) {
          yield new SqlValue(
              "(%s)"
                  .formatted(
                      Sql.at(PARTS_OF_INSTANTS, function).formatted(timestamp(values.get(0)))),
              SqlType.LONG);
        }
        throw unknown("the function " + function);
      }
    };
  }

  /** As in CEL, a failure counts only where the other side does not decide: so does null. */
  private static SqlValue logic(String operator, List<SqlValue> sides) {
    return new SqlValue(
        sides.stream().map(SqlValue::sql).collect(joining(" " + operator + " ", "(", ")")),
        SqlType.BOOLEAN);
  }

  private static SqlValue bool(String format, SqlValue... operands) {
    return new SqlValue(
        format.formatted(List.of(operands).stream().map(SqlValue::sql).toArray()), SqlType.BOOLEAN);
  }

  private SqlValue choice(SqlValue condition, SqlValue yes, SqlValue no) {
    boolean mixed = yes.type() != no.type();
    if (mixed && !(yes.type().isNumber() && no.type().isNumber())) {
      throw unknown("a choice between %s and %s".formatted(yes.type(), no.type()));
    }
    return new SqlValue(
        "(case when %1$s then %2$s when not %1$s then %3$s end)"
            .formatted(
                condition.sql(),
                mixed ? real(yes).sql() : yes.sql(),
                mixed ? real(no).sql() : no.sql()),
        mixed ? SqlType.DOUBLE : yes.type());
  }

  private SqlValue comparison(String operator, SqlValue one, SqlValue other) {
    boolean reals = one.type() == SqlType.DOUBLE || other.type() == SqlType.DOUBLE;
    if (one.type() != other.type() && !(one.type().isNumber() && other.type().isNumber())) {
      throw unknown("a comparison of %s with %s".formatted(one.type(), other.type()));
    }
    if (!reals) {
      return bool("(%s " + operator + " %s)", one, other);
    }
    // DuckDB sorts what is no number above all numbers; in CEL it compares with nothing
    String left = real(one).sql();
    String right = real(other).sql();
    return new SqlValue(
        operator.equals("<>")
            ? "(isnan(%1$s) or isnan(%2$s) or %1$s <> %2$s)".formatted(left, right)
            : "(not isnan(%1$s) and not isnan(%2$s) and %1$s %3$s %2$s)"
                .formatted(left, right, operator),
        SqlType.BOOLEAN);
  }

  private SqlValue arithmetic(String operator, SqlValue one, SqlValue other) {
    SqlType left = one.type();
    SqlType right = other.type();
    if (left.isNumber() && right.isNumber()) {
      if (left == SqlType.DOUBLE || right == SqlType.DOUBLE) {
        return operation(real(one), operator, real(other), SqlType.DOUBLE);
      }
      return operator.equals("/")
          ? new SqlValue("(%s // nullif(%s, 0))".formatted(one.sql(), other.sql()), SqlType.LONG)
          : operation(one, operator, other, SqlType.LONG);
    }
    boolean adds = operator.equals("+");
    if (adds && left == SqlType.TEXT && right == SqlType.TEXT) {
      return operation(one, "||", other, SqlType.TEXT);
    }
    if (left == SqlType.INSTANT && right == SqlType.INSTANT && operator.equals("-")) {
      return operation(one, operator, other, SqlType.DURATION);
    }
    if (right == SqlType.DURATION
        && (left == SqlType.INSTANT || left == SqlType.DURATION)
        && (adds || operator.equals("-"))) {
      return operation(one, operator, other, left);
    }
    if (adds && left == SqlType.DURATION && right == SqlType.INSTANT) {
      return operation(one, operator, other, SqlType.INSTANT);
    }
    throw unknown("%s %s %s".formatted(left, operator, right));
  }

  private static SqlValue operation(SqlValue one, String operator, SqlValue other, SqlType type) {
    return new SqlValue("(%s %s %s)".formatted(one.sql(), operator, other.sql()), type);
  }

  private SqlValue remainder(SqlValue one, SqlValue other) {
    if (one.type() != SqlType.LONG || other.type() != SqlType.LONG) {
      throw unknown("a remainder of other than whole numbers");
    }
    return new SqlValue("(%s %% nullif(%s, 0))".formatted(one.sql(), other.sql()), SqlType.LONG);
  }

  private static SqlValue in(SqlValue element, SqlValue list) {
    return bool("list_contains(%s, %s)", list, real(element));
  }

  private SqlValue element(SqlValue list, SqlValue index) {
    if (index.type() != SqlType.LONG) {
      throw unknown("an index that is no whole number");
    }
    return new SqlValue(
        "%s[%s + 1]".formatted(list.sql(), index.sql()),
        list.type() == SqlType.DOUBLES ? SqlType.DOUBLE : SqlType.TEXT);
  }

  private static SqlValue size(SqlValue of) {
    return new SqlValue("cast(len(%s) as bigint)".formatted(of.sql()), SqlType.LONG);
  }

  /** In the order of the list, so that it rounds as a loop would. */
  private static SqlValue mean(SqlValue list) {
    return new SqlValue(
        "(case when len(%1$s) > 0 then list_reduce(%1$s, lambda so_far, next: so_far + next) / cast(len(%1$s) as double) end)"
            .formatted(list.sql()),
        SqlType.DOUBLE);
  }

  private SqlValue inUnits(SqlValue duration, String unit) {
    if (duration.type() != SqlType.DURATION) {
      throw unknown(unit + "() of other than a duration");
    }
    return new SqlValue(
        "(cast(%s * 1000 as double) / %s)"
            .formatted(duration.sql(), Sql.real(Sql.at(DURATIONS, unit))),
        SqlType.DOUBLE);
  }

  private SqlValue instant(CelExpr argument) {
    try {
      Instant instant = Instant.parse(literal(argument));
      return new SqlValue(
          "(%d)".formatted(ChronoUnit.MICROS.between(Instant.EPOCH, instant)), SqlType.INSTANT);
    } catch (DateTimeException e) {
      throw unknown("this instant");
    }
  }

  /** A number and a unit, such as 90m; CEL knows more of them in a row. */
  private SqlValue duration(CelExpr argument) {
    String text = literal(argument);
    try {
      Duration duration =
          Duration.parse(
              text.endsWith("d") ? "P" + text : "PT" + text.toUpperCase(java.util.Locale.ROOT));
      return new SqlValue("(%d)".formatted(duration.toNanos() / 1000), SqlType.DURATION);
    } catch (DateTimeException e) {
      throw unknown("this duration");
    }
  }

  private String literal(CelExpr argument) {
    if (argument.getKind() != CelExpr.ExprKind.Kind.CONSTANT
        || argument.constant().getKind() != CelConstant.Kind.STRING_VALUE) {
      throw unknown("an instant or a duration that is no literal");
    }
    return argument.constant().stringValue();
  }

  private static String timestamp(SqlValue instant) {
    return "make_timestamp(%s)".formatted(instant.sql());
  }

  private static SqlValue real(SqlValue value) {
    return value.type() == SqlType.LONG
        ? new SqlValue("cast(%s as double)".formatted(value.sql()), SqlType.DOUBLE)
        : value;
  }

  private UnknownExpressionException unknown(String what) {
    return new UnknownExpressionException(
        "'%s' cannot be recomputed: SQL for %s is missing".formatted(source, what));
  }
}
