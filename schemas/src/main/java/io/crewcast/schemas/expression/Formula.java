package io.crewcast.schemas.expression;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A checked CEL expression as a tree of Java operations, for the arithmetic, comparisons and
 * conditions that are evaluated for every event. CEL's own interpreter, which gives the same
 * values, takes ten times as long.
 */
interface Formula {

  /**
   * The value.
   *
   * @param operands by place in the names; none is null
   */
  Object evaluate(Object[] operands);

  /** The tree, or nothing when it holds something that only CEL knows. */
  static Optional<Formula> of(CelAbstractSyntaxTree checked, List<String> names) {
    Formula formula = new Compiler(checked, names).compile(checked.getExpr());
    return Optional.ofNullable(formula);
  }

  /** Numbers, both real. */
  interface OfNumbers {
    Object apply(double x, double y);
  }

  /** Compiles, or gives null for what it does not know. */
  final class Compiler {
    private final CelAbstractSyntaxTree checked;
    private final List<String> names;

    private Compiler(CelAbstractSyntaxTree checked, List<String> names) {
      this.checked = checked;
      this.names = names;
    }

    private @Nullable Formula compile(CelExpr expression) {
      var reference = checked.getReferenceMap().get(expression.id());
      int place = reference == null ? -1 : names.indexOf(reference.name());
      if (place >= 0) {
        return operands -> operands[place];
      }
      return switch (expression.getKind()) {
        case CONSTANT -> constant(expression.constant());
        case CALL -> call(expression.call());
        default -> null;
      };
    }

    private static @Nullable Formula constant(CelConstant constant) {
      Object value =
          switch (constant.getKind()) {
            case DOUBLE_VALUE -> constant.doubleValue();
            case INT64_VALUE -> (double) constant.int64Value();
            case BOOLEAN_VALUE -> constant.booleanValue();
            case STRING_VALUE -> constant.stringValue();
            default -> null;
          };
      return value == null ? null : operands -> value;
    }

    private @Nullable Formula call(CelExpr.CelCall call) {
      if (call.target().isPresent()) {
        return null;
      }
      List<CelExpr> arguments = call.args();
      return switch (call.function()) {
        case "_+_" -> numbers(arguments, (x, y) -> x + y);
        case "_-_" -> numbers(arguments, (x, y) -> x - y);
        case "_*_" -> numbers(arguments, (x, y) -> x * y);
        case "_/_" -> numbers(arguments, (x, y) -> x / y);
        case "_<_" -> compared(arguments, (x, y) -> x < y);
        case "_<=_" -> compared(arguments, (x, y) -> x <= y);
        case "_>_" -> compared(arguments, (x, y) -> x > y);
        case "_>=_" -> compared(arguments, (x, y) -> x >= y);
        case "minutes" -> span(arguments.get(0), 60e9);
        case "hours" -> span(arguments.get(0), 3600e9);
        case "days" -> span(arguments.get(0), 86400e9);
        case "size" -> ofList(arguments.get(0), list -> (double) list.size());
        case "mean" -> ofList(arguments.get(0), Expression::mean);
        case "_==_" -> equal(arguments, true);
        case "_!=_" -> equal(arguments, false);
        case "_&&_" -> decided(arguments, false);
        case "_||_" -> decided(arguments, true);
        case "!_" -> not(arguments);
        case "_?_:_" -> choice(arguments);
        case "@in" -> in(arguments);
        default -> null;
      };
    }

    private @Nullable Formula numbers(List<CelExpr> arguments, OfNumbers operation) {
      // between whole numbers CEL counts in whole numbers: only constants are any
      boolean real = arguments.stream().anyMatch(argument -> is(argument, SimpleType.DOUBLE));
      boolean numbers =
          arguments.stream()
              .allMatch(
                  argument -> is(argument, SimpleType.DOUBLE) || is(argument, SimpleType.INT));
      Formula left = compile(arguments.get(0));
      Formula right = compile(arguments.get(1));
      if (!real || !numbers || left == null || right == null) {
        return null;
      }
      return operands ->
          operation.apply((double) left.evaluate(operands), (double) right.evaluate(operands));
    }

    private @Nullable Formula compared(List<CelExpr> arguments, OfNumbers comparison) {
      if (!arguments.stream().allMatch(argument -> is(argument, SimpleType.TIMESTAMP))) {
        return numbers(arguments, comparison);
      }
      Formula left = compile(arguments.get(0));
      Formula right = compile(arguments.get(1));
      if (left == null || right == null) {
        return null;
      }
      return operands ->
          comparison.apply(
              ((Instant) left.evaluate(operands)).compareTo((Instant) right.evaluate(operands)), 0);
    }

    /** The time between two instants. */
    private @Nullable Formula span(CelExpr expression, double nanos) {
      if (expression.getKind() != CelExpr.ExprKind.Kind.CALL
          || !expression.call().function().equals("_-_")
          || !expression.call().args().stream().allMatch(at -> is(at, SimpleType.TIMESTAMP))) {
        return null;
      }
      Formula until = compile(expression.call().args().get(0));
      Formula from = compile(expression.call().args().get(1));
      if (until == null || from == null) {
        return null;
      }
      return operands ->
          Duration.between((Instant) from.evaluate(operands), (Instant) until.evaluate(operands))
                  .toNanos()
              / nanos;
    }

    private @Nullable Formula ofList(CelExpr expression, Function<List<?>, Object> function) {
      Formula list = compile(expression);
      boolean isList =
          checked.getType(expression.id()).map(ListType.class::isInstance).orElse(false);
      return list == null || !isList
          ? null
          : operands -> function.apply((List<?>) list.evaluate(operands));
    }

    private @Nullable Formula equal(List<CelExpr> arguments, boolean equal) {
      Formula asNumbers = numbers(arguments, equal ? (x, y) -> x == y : (x, y) -> x != y);
      if (asNumbers != null) {
        return asNumbers;
      }
      Formula left = compile(arguments.get(0));
      Formula right = compile(arguments.get(1));
      boolean texts = arguments.stream().allMatch(argument -> is(argument, SimpleType.STRING));
      boolean conditions = arguments.stream().allMatch(argument -> is(argument, SimpleType.BOOL));
      if (left == null || right == null || !(texts || conditions)) {
        return null;
      }
      return operands -> left.evaluate(operands).equals(right.evaluate(operands)) == equal;
    }

    /** Both sides are there and know no errors, so that it does not matter which is seen first. */
    private @Nullable Formula decided(List<CelExpr> arguments, boolean by) {
      Formula left = compile(arguments.get(0));
      Formula right = compile(arguments.get(1));
      if (left == null || right == null) {
        return null;
      }
      return operands -> (boolean) left.evaluate(operands) == by ? by : right.evaluate(operands);
    }

    private @Nullable Formula not(List<CelExpr> arguments) {
      Formula condition = compile(arguments.get(0));
      return condition == null ? null : operands -> !(boolean) condition.evaluate(operands);
    }

    private @Nullable Formula choice(List<CelExpr> arguments) {
      Formula condition = compile(arguments.get(0));
      Formula yes = compile(arguments.get(1));
      Formula no = compile(arguments.get(2));
      if (condition == null || yes == null || no == null) {
        return null;
      }
      return operands ->
          (boolean) condition.evaluate(operands) ? yes.evaluate(operands) : no.evaluate(operands);
    }

    private @Nullable Formula in(List<CelExpr> arguments) {
      Formula value = compile(arguments.get(0));
      CelExpr list = arguments.get(1);
      if (value == null
          || !is(arguments.get(0), SimpleType.STRING)
          || list.getKind() != CelExpr.ExprKind.Kind.LIST) {
        return null;
      }
      Set<Object> texts = new HashSet<>();
      for (CelExpr element : list.list().elements()) {
        if (element.getKind() != CelExpr.ExprKind.Kind.CONSTANT
            || element.constant().getKind() != CelConstant.Kind.STRING_VALUE) {
          return null;
        }
        texts.add(element.constant().stringValue());
      }
      return operands -> texts.contains(value.evaluate(operands));
    }

    private boolean is(CelExpr expression, CelType type) {
      return checked.getType(expression.id()).map(type::equals).orElse(false);
    }
  }
}
