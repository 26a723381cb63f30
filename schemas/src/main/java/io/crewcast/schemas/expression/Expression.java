package io.crewcast.schemas.expression;

import dev.cel.bundle.Cel;
import dev.cel.bundle.CelBuilder;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.ValueType;
import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A checked CEL expression over named, typed values.
 *
 * <p>Every number is a double inside an expression, so that whole and real numbers mix. A missing
 * operand makes the value missing, and so does a result that is no finite number, such as a
 * division by zero. Beside CEL's own functions there are {@code minutes}, {@code hours} and {@code
 * days} of a duration (real numbers), {@code weekday} of an instant (1 Monday to 7 Sunday, UTC) and
 * {@code mean} of a list of numbers.
 */
public final class Expression implements Serializable {

  private static final CelOptions OPTIONS =
      CelOptions.current().enableHeterogeneousNumericComparisons(true).build();

  /** Those beside CEL's own. */
  private static final List<String> FUNCTIONS =
      List.of("minutes", "hours", "days", "weekday", "mean");

  /** What CEL keeps for itself: no name can be one of them. */
  private static final Set<String> RESERVED =
      Set.of(
          "true",
          "false",
          "null",
          "in",
          "as",
          "break",
          "const",
          "continue",
          "else",
          "for",
          "function",
          "if",
          "import",
          "let",
          "loop",
          "package",
          "namespace",
          "return",
          "var",
          "void",
          "while");

  private static final Pattern UNDECLARED = Pattern.compile("^undeclared reference to '([^']+)'");
  private static final Pattern DETAILS = Pattern.compile("(?s)( expecting \\{| \\(candidates: ).*");

  private final String source;
  private final TreeMap<String, ValueType> scope;
  private transient @Nullable Compiled compiled;

  /**
   * Ready to be evaluated.
   *
   * @param formula the program in Java, where it knows all that the program does
   * @param types of the names, in their order
   * @param comparedTexts the texts that a name is compared with
   */
  private record Compiled(
      CelRuntime.Program program,
      @Nullable Formula formula,
      ValueType type,
      List<String> names,
      List<ValueType> types,
      Map<String, Set<String>> comparedTexts) {}

  private Expression(String source, Map<String, ValueType> scope) {
    this.source = source;
    this.scope = new TreeMap<>(scope);
  }

  /**
   * Parses and checks.
   *
   * @param source CEL
   * @param scope every name that it may use, with its type; names may hold dots
   * @throws InvalidExpressionException with one line that says what is wrong where
   */
  public static Expression compile(String source, Map<String, ValueType> scope) {
    Expression expression = new Expression(source, scope);
    expression.compiled();
    return expression;
  }

  /** As {@link #compile}, and refuses a result that is no yes or no. */
  public static Expression condition(String source, Map<String, ValueType> scope) {
    Expression condition = compile(source, scope);
    if (condition.type() != ValueType.BOOLEAN) {
      throw new InvalidExpressionException(
          "'" + source + "' is a " + condition.type() + "; a condition must be true or false");
    }
    return condition;
  }

  /** Whether a word cannot be a name in an expression. */
  public static boolean isReserved(String word) {
    return RESERVED.contains(word);
  }

  public String source() {
    return source;
  }

  /** The type of the result; DOUBLE for every number. */
  public ValueType type() {
    return compiled().type();
  }

  /** The names of the scope that it uses. */
  public Set<String> names() {
    return new TreeSet<>(compiled().names());
  }

  /** The texts that it compares a name of the scope with, by name. */
  Map<String, Set<String>> comparedTexts() {
    return compiled().comparedTexts();
  }

  /** The value, or null when an operand is missing or the result is not finite. */
  public @Nullable Object evaluate(Function<String, @Nullable Object> values) {
    Compiled ready = compiled();
    Object[] operands = new Object[ready.names().size()];
    for (int i = 0; i < operands.length; i++) {
      Object value = operand(values.apply(ready.names().get(i)), ready.types().get(i));
      if (value == null) {
        return null;
      }
      operands[i] = value;
    }
    Formula formula = ready.formula();
    try {
      return result(
          formula == null ? interpret(ready, operands) : formula.evaluate(operands), ready.type());
    } catch (ArithmeticException e) {
      return null; // a time between instants that are too far apart
    }
  }

  /** As CEL itself evaluates; for tests. */
  @Nullable Object interpret(Function<String, @Nullable Object> values) {
    Compiled ready = compiled();
    Object[] operands =
        ready.names().stream().map(name -> operand(values.apply(name), scope.get(name))).toArray();
    return result(interpret(ready, operands), ready.type());
  }

  /** Whether it is evaluated in Java. */
  boolean isFormula() {
    return compiled().formula() != null;
  }

  private static @Nullable Object interpret(Compiled ready, Object[] operands) {
    try {
      return ready
          .program()
          .eval(
              name -> {
                int place = ready.names().indexOf(name);
                return place < 0 ? Optional.empty() : Optional.of(operands[place]);
              });
    } catch (CelEvaluationException e) {
      // what the checker cannot exclude, such as a time out of range, is a missing value
      return null;
    }
  }

  /** True when the value is there and true. */
  public boolean holds(Function<String, @Nullable Object> values) {
    return Boolean.TRUE.equals(evaluate(values));
  }

  private static @Nullable Object operand(@Nullable Object value, @Nullable ValueType type) {
    if (value instanceof Long whole) {
      return type == ValueType.INSTANT ? Instants.ofMicros(whole) : whole.doubleValue();
    }
    return value instanceof Double real && !Double.isFinite(real) ? null : value;
  }

  private static @Nullable Object result(@Nullable Object value, ValueType type) {
    if (value == null) {
      return null;
    }
    return switch (type) {
      case DOUBLE -> {
        double number = ((Number) value).doubleValue();
        yield Double.isFinite(number) ? number : null;
      }
      case INSTANT -> Instants.micros((Instant) value);
      default -> value;
    };
  }

  private Compiled compiled() {
    Compiled ready = compiled;
    if (ready == null) {
      ready = compile();
      compiled = ready;
    }
    return ready;
  }

  private Compiled compile() {
    Cel cel = environment(scope);
    try {
      CelAbstractSyntaxTree tree = cel.compile(source).getAst();
      if (Calls.divideByZero(tree)) {
        throw new InvalidExpressionException(
            "'%s': divides by zero, which never has a value; divide by something else"
                .formatted(source));
      }
      List<String> names =
          tree.getReferenceMap().values().stream()
              .map(reference -> reference.name())
              .filter(scope::containsKey)
              .distinct()
              .sorted()
              .toList();
      return new Compiled(
          cel.createProgram(tree),
          Formula.of(tree, names).orElse(null),
          typeOf(tree.getResultType()),
          names,
          names.stream().map(scope::get).toList(),
          Calls.comparedTexts(tree));
    } catch (CelValidationException e) {
      throw fault(e.getErrors().get(0));
    } catch (CelEvaluationException e) {
      throw new InvalidExpressionException("'" + source + "': " + e.getMessage());
    }
  }

  /** Without what the parser might have expected, or which overloads there are: often pages. */
  private InvalidExpressionException fault(CelIssue issue) {
    String message = issue.getMessage();
    Matcher undeclared = UNDECLARED.matcher(message);
    if (undeclared.find()) {
      String unknown = path(undeclared.group(1));
      List<String> known = Stream.concat(scope.keySet().stream(), FUNCTIONS.stream()).toList();
      return new InvalidExpressionException(
          "'%s': '%s' is not known here; %s"
              .formatted(source, unknown, NearestNames.to(unknown, known)),
          unknown);
    }
    return new InvalidExpressionException(
        "'%s': %s at column %d"
            .formatted(
                source,
                DETAILS.matcher(message).replaceFirst(""),
                issue.getSourceLocation().getColumn() + 1));
  }

  /** All of a name that holds dots, of which the first part is not known. */
  private String path(String name) {
    Matcher path = Pattern.compile("\\b" + Pattern.quote(name) + "(\\.\\w+)*").matcher(source);
    return path.find() ? path.group() : name;
  }

  private ValueType typeOf(CelType type) {
    if (type.equals(SimpleType.DOUBLE) || type.equals(SimpleType.INT)) {
      return ValueType.DOUBLE;
    } else if (type.equals(SimpleType.BOOL)) {
      return ValueType.BOOLEAN;
    } else if (type.equals(SimpleType.STRING)) {
      return ValueType.STRING;
    } else if (type.equals(SimpleType.TIMESTAMP)) {
      return ValueType.INSTANT;
    } else if (type.equals(ListType.create(SimpleType.STRING))) {
      return ValueType.STRINGS;
    } else if (type.equals(ListType.create(SimpleType.DOUBLE))) {
      return ValueType.DOUBLES;
    }
    throw new InvalidExpressionException(
        "'"
            + source
            + "' is a "
            + type.name()
            + "; make it a number, a text, an instant or a condition (days(...) turns a duration"
            + " into a number)");
  }

  private static Cel environment(Map<String, ValueType> scope) {
    CelBuilder builder = CelFactory.plannerCelBuilder().setOptions(OPTIONS);
    scope.forEach((name, type) -> builder.addVar(name, celType(type)));
    duration(builder, "minutes", 60e9);
    duration(builder, "hours", 3600e9);
    duration(builder, "days", 86400e9);
    builder
        .addFunctionDeclarations(
            CelFunctionDecl.newFunctionDeclaration(
                "weekday",
                CelOverloadDecl.newGlobalOverload(
                    "weekday_of_timestamp", SimpleType.DOUBLE, SimpleType.TIMESTAMP)))
        .addFunctionBindings(
            CelFunctionBinding.from(
                "weekday_of_timestamp",
                Instant.class,
                at -> (double) at.atZone(ZoneOffset.UTC).getDayOfWeek().getValue()));
    builder
        .addFunctionDeclarations(
            CelFunctionDecl.newFunctionDeclaration(
                "mean",
                CelOverloadDecl.newGlobalOverload(
                    "mean_of_list", SimpleType.DOUBLE, ListType.create(SimpleType.DOUBLE))))
        .addFunctionBindings(CelFunctionBinding.from("mean_of_list", List.class, Expression::mean));
    for (Arithmetic operator : Arithmetic.values()) {
      mixed(builder, operator);
    }
    return builder.build();
  }

  /** Of the sum in the order of the list; of nothing it is no number. */
  static double mean(List<?> numbers) {
    double sum = 0;
    for (Object number : numbers) {
      sum += (Double) number;
    }
    return sum / numbers.size();
  }

  private static void duration(CelBuilder builder, String name, double nanos) {
    String overload = name + "_of_duration";
    builder
        .addFunctionDeclarations(
            CelFunctionDecl.newFunctionDeclaration(
                name,
                CelOverloadDecl.newGlobalOverload(
                    overload, SimpleType.DOUBLE, SimpleType.DURATION)))
        .addFunctionBindings(
            CelFunctionBinding.from(overload, Duration.class, span -> span.toNanos() / nanos));
  }

  private static void mixed(CelBuilder builder, Arithmetic operator) {
    String realWhole = operator.function + "double_int";
    String wholeReal = operator.function + "int_double";
    builder
        .addFunctionDeclarations(
            CelFunctionDecl.newFunctionDeclaration(
                operator.function,
                CelOverloadDecl.newGlobalOverload(
                    realWhole, SimpleType.DOUBLE, SimpleType.DOUBLE, SimpleType.INT),
                CelOverloadDecl.newGlobalOverload(
                    wholeReal, SimpleType.DOUBLE, SimpleType.INT, SimpleType.DOUBLE)))
        .addFunctionBindings(
            CelFunctionBinding.from(
                realWhole, Double.class, Long.class, (x, y) -> operator.apply(x, y)),
            CelFunctionBinding.from(
                wholeReal, Long.class, Double.class, (x, y) -> operator.apply(x, y)));
  }

  /** CEL has no arithmetic between a real and a whole number; a literal 2 should just work. */
  private enum Arithmetic {
    ADD("_+_"),
    SUBTRACT("_-_"),
    MULTIPLY("_*_"),
    DIVIDE("_/_");

    private final String function;

    Arithmetic(String function) {
      this.function = function;
    }

    double apply(double x, double y) {
      return switch (this) {
        case ADD -> x + y;
        case SUBTRACT -> x - y;
        case MULTIPLY -> x * y;
        case DIVIDE -> x / y;
      };
    }
  }

  private static CelType celType(ValueType type) {
    return switch (type) {
      case LONG, DOUBLE -> SimpleType.DOUBLE;
      case BOOLEAN -> SimpleType.BOOL;
      case STRING -> SimpleType.STRING;
      case INSTANT -> SimpleType.TIMESTAMP;
      case STRINGS -> ListType.create(SimpleType.STRING);
      case DOUBLES -> ListType.create(SimpleType.DOUBLE);
    };
  }

  @Override
  public String toString() {
    return source;
  }
}
