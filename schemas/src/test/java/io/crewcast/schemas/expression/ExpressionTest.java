package io.crewcast.schemas.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.ValueType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExpressionTest {

  private static final Map<String, ValueType> SCOPE =
      Map.of(
          "status", ValueType.STRING,
          "planned_minutes", ValueType.DOUBLE,
          "task.logged_minutes", ValueType.LONG,
          "as_of", ValueType.INSTANT,
          "worker.last_entry_at", ValueType.INSTANT);

  private static @Nullable Object evaluate(String source, Map<String, Object> values) {
    return Expression.compile(source, SCOPE).evaluate(new HashMap<>(values)::get);
  }

  @Test
  void mixesWholeAndRealNumbers() {
    Map<String, Object> values = Map.of("planned_minutes", 4.0, "task.logged_minutes", 6L);

    assertThat(evaluate("task.logged_minutes > 1.25 * planned_minutes", values)).isEqualTo(true);
    assertThat(evaluate("2 * task.logged_minutes / planned_minutes", values)).isEqualTo(3.0);
  }

  @Test
  void isMissingWhenAnOperandIsMissing() {
    assertThat(evaluate("status == 'DONE' && planned_minutes > 0", Map.of("status", "DONE")))
        .isNull();
  }

  @Test
  void isMissingWhenTheResultIsNotFinite() {
    assertThat(evaluate("planned_minutes / 0", Map.of("planned_minutes", 1.0))).isNull();
  }

  @Test
  void countsDaysBetweenInstants() {
    assertThat(
            evaluate(
                "days(as_of - worker.last_entry_at)",
                Map.of("as_of", 86_400_000_000L, "worker.last_entry_at", 43_200_000_000L)))
        .isEqualTo(0.5);
  }

  @Test
  void numbersWeekdaysFromMonday() {
    assertThat(evaluate("weekday(as_of)", Map.of("as_of", 0L))).isEqualTo(4.0);
  }

  @Test
  void namesWhatItUses() {
    assertThat(Expression.compile("task.logged_minutes > 1.25 * planned_minutes", SCOPE).names())
        .containsExactly("planned_minutes", "task.logged_minutes");
  }

  @Test
  void saysWhichNameIsUnknownAndWhichAreKnown() {
    assertThatThrownBy(() -> Expression.compile("planed_minutes > 0", SCOPE))
        .isInstanceOf(InvalidExpressionException.class)
        .hasMessageContaining("planed_minutes")
        .hasMessageContaining("planned_minutes")
        .hasMessageNotContaining("\n");
  }

  @Test
  void refusesAConditionThatIsANumber() {
    assertThatThrownBy(() -> Expression.condition("planned_minutes", SCOPE))
        .hasMessageContaining("condition");
  }

  @Test
  void travelsToOtherMachines() throws Exception {
    var bytes = new ByteArrayOutputStream();
    try (var out = new ObjectOutputStream(bytes)) {
      out.writeObject(Expression.compile("planned_minutes + 1", SCOPE));
    }
    Expression copy;
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      copy = (Expression) in.readObject();
    }

    assertThat(copy.evaluate(Map.<String, Object>of("planned_minutes", 1.0)::get)).isEqualTo(2.0);
  }
}
