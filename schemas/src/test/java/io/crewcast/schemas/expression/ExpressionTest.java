package io.crewcast.schemas.expression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.schemas.ValueType;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    assertThat(evaluate("1 / planned_minutes", Map.of("planned_minutes", 0.0))).isNull();
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

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "planed_minutes > 0          | 'planed_minutes' is not known here; nearest are planned_minutes, ",
        "1 + task.loged_minutes > 2  | 'task.loged_minutes' is not known here; nearest are task.logged_minutes, ",
        "weekdays(as_of) > 1         | 'weekdays' is not known here; nearest are weekday, ",
        "planned_minutes / 0         | divides by zero, which never has a value",
        "1 + planned_minutes / -0.0  | divides by zero, which never has a value",
        "2 % 0 > planned_minutes     | divides by zero, which never has a value",
        "planned_minutes > > 1       | extraneous input '>' at column 19",
        "planned_minutes + 'a'       | found no matching overload for '_+_' applied to '(double, string)' at column 17",
      })
  void saysInAFewWordsWhatIsWrong(String source, String why) {
    assertThatThrownBy(() -> Expression.compile(source, SCOPE))
        .isInstanceOf(InvalidExpressionException.class)
        .hasMessageStartingWith("'" + source + "': ")
        .hasMessageContaining(why)
        .message()
        .hasSizeLessThan(200)
        .doesNotContain("\n");
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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "status == 'A' && x > 0",
        "!(status in ['A', 'B']) || x <= y",
        "x > 4.0 * y ? 4.0 : x / y",
        "x / y",
        "100 * (x - y) / (x + 3) >= 2.5 || status != 'C'",
        "(x == y) == (status == 'B')",
        "x != y ? 'more' : status",
        "2 * x + 3 - y * 0.5 < 7",
        "hours(at - since) > 1 && at <= since",
        "days(at - since)",
        "size(names) + x",
        "mean(numbers) / y",
      })
  void givesInJavaWhatCelGives(String source) {
    Map<String, ValueType> scope =
        Map.of(
            "status", ValueType.STRING,
            "x", ValueType.DOUBLE,
            "y", ValueType.LONG,
            "at", ValueType.INSTANT,
            "since", ValueType.INSTANT,
            "names", ValueType.STRINGS,
            "numbers", ValueType.DOUBLES);
    Expression expression = Expression.compile(source, scope);
    SplittableRandom random = new SplittableRandom(3);

    assertThat(expression.isFormula()).isTrue();
    for (int i = 0; i < 1_000; i++) {
      Map<String, Object> values =
          Map.of(
              "status",
              List.of("A", "B", "C").get(random.nextInt(3)),
              "x",
              random.nextInt(4) * 0.5,
              "y",
              (long) random.nextInt(-1, 3));
      assertThat(expression.evaluate(values::get))
          .as("%s of %s", source, values)
          .isEqualTo(expression.interpret(values::get));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"1 / 2 * x", "-x", "size(status)", "x in [1.0, 2.0]", "x > 1 / 2"})
  void leavesToCelWhatOnlyItKnows(String source) {
    Expression expression =
        Expression.compile(source, Map.of("status", ValueType.STRING, "x", ValueType.DOUBLE));

    assertThat(expression.isFormula()).isFalse();
    assertThat(expression.evaluate(Map.<String, Object>of("status", "A", "x", 2.0)::get))
        .isNotNull();
  }
}
