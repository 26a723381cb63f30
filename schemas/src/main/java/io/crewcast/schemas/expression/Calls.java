package io.crewcast.schemas.expression;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelReference;
import dev.cel.common.navigation.CelNavigableAst;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Looks at what an expression calls before it is evaluated. */
final class Calls {

  private static final Set<String> DIVISIONS = Set.of("_/_", "_%_");
  private static final Set<String> COMPARISONS = Set.of("_==_", "_!=_", "@in");

  private Calls() {}

  /** Whether it divides by a zero that is written there. */
  static boolean divideByZero(CelAbstractSyntaxTree tree) {
    return of(tree)
        .anyMatch(call -> DIVISIONS.contains(call.function()) && isZero(call.args().get(1)));
  }

  /** The texts that names are compared with, by name. */
  static Map<String, Set<String>> comparedTexts(CelAbstractSyntaxTree tree) {
    Map<String, Set<String>> compared = new TreeMap<>();
    of(tree)
        .filter(call -> COMPARISONS.contains(call.function()))
        .forEach(
            call -> {
              List<String> texts = call.args().stream().flatMap(Calls::texts).toList();
              for (CelExpr side : call.args()) {
                CelReference named = tree.getReferenceMap().get(side.id());
                if (named != null && !named.name().isEmpty()) {
                  compared.computeIfAbsent(named.name(), name -> new TreeSet<>()).addAll(texts);
                }
              }
            });
    return compared;
  }

  private static Stream<CelExpr.CelCall> of(CelAbstractSyntaxTree tree) {
    return CelNavigableAst.fromAst(tree)
        .getRoot()
        .allNodes()
        .filter(node -> node.getKind() == CelExpr.ExprKind.Kind.CALL)
        .map(node -> node.expr().call());
  }

  private static boolean isZero(CelExpr divisor) {
    return switch (divisor.constantOrDefault().getKind()) {
      case INT64_VALUE -> divisor.constant().int64Value() == 0;
      case DOUBLE_VALUE -> divisor.constant().doubleValue() == 0;
      default -> false;
    };
  }

  private static Stream<String> texts(CelExpr side) {
    return switch (side.getKind()) {
      case CONSTANT ->
          side.constant().getKind() == CelConstant.Kind.STRING_VALUE
              ? Stream.of(side.constant().stringValue())
              : Stream.of();
      case LIST -> side.list().elements().stream().flatMap(Calls::texts);
      default -> Stream.of();
    };
  }
}
