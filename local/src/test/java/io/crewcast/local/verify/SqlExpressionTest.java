package io.crewcast.local.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.local.lake.Database;
import io.crewcast.schemas.ValueType;
import io.crewcast.schemas.expression.Expression;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** SQL and CEL say the same of the same values. */
final class SqlExpressionTest {

  private static final Map<String, ValueType> SCOPE =
      Map.of(
          "status", ValueType.STRING,
          "phase", ValueType.STRING,
          "planned_minutes", ValueType.DOUBLE,
          "minutes", ValueType.LONG,
          "task.logged_minutes", ValueType.LONG,
          "overran", ValueType.BOOLEAN,
          "as_of", ValueType.INSTANT,
          "started_at", ValueType.INSTANT,
          "skills", ValueType.STRINGS);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "status == \"COMPLETED\" && planned_minutes > 0",
        "status in ['ASSIGNED', 'STARTED', 'BLOCKED']",
        "!(status in ['ASSIGNED']) || overran",
        "task.logged_minutes > 1.25 * planned_minutes",
        "task.logged_minutes > 4.0 * planned_minutes ? 4.0 : task.logged_minutes / planned_minutes",
        "task.logged_minutes / planned_minutes > 1.25",
        "planned_minutes / minutes <= 2 / 3",
        "planned_minutes / minutes != planned_minutes / minutes",
        "100.0 * minutes / task.logged_minutes",
        "minutes * 0.1 + planned_minutes - 7 / 2",
        "7 / 2 * 2 + 7 % 4",
        "-minutes + 3",
        "minutes == 30.0",
        "minutes != planned_minutes",
        "minutes < planned_minutes || minutes >= 45",
        "status < phase",
        "status + '-' + phase",
        "status.startsWith('C')",
        "status.endsWith('ED') && phase.contains('es')",
        "phase == 'it\\'s'",
        "size(skills) > 1",
        "size(skills) / 2",
        "size(status)",
        "'java' in skills",
        "days(as_of - started_at)",
        "hours(as_of - started_at) > 24",
        "minutes(as_of - started_at) / 7",
        "weekday(as_of)",
        "weekday(as_of) in [6.0, 7.0]",
        "as_of > started_at",
        "as_of - started_at > duration('36h')",
        "as_of > timestamp('1970-01-20T00:00:00Z')",
        "as_of - duration('90m') > started_at",
        "as_of",
        "overran ? status : phase",
        "overran == (minutes > 30)",
        "minutes > 30 ? 1 : 0",
        "1.0 / (minutes - minutes) > 1.0",
        "0.0 / (minutes - minutes) > 1.0",
        "1.5",
        "true",
      })
  void saysWhatCelSays(String source) throws Exception {
    Expression cel = Expression.compile(source, SCOPE);
    SqlValue sql =
        SqlExpression.translate(
            source,
            name ->
                Optional.ofNullable(SCOPE.get(name))
                    .map(type -> new SqlValue("v." + name.replace('.', '_'), sqlType(type))));
    SplittableRandom random = new SplittableRandom(5);

    List<@Nullable Object> expected = new ArrayList<>();
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      Map<String, @Nullable Object> values = values(random);
      expected.add(cel.evaluate(values::get));
      rows.add(
          values.entrySet().stream()
              .map(
                  e ->
                      literal(e.getValue(), SCOPE.get(e.getKey()))
                          + " as "
                          + e.getKey().replace('.', '_'))
              .collect(java.util.stream.Collectors.joining(", ", "select " + i + " as i, ", "")));
    }
    assertThat(evaluate(sql.sql(), rows)).as(sql.sql()).isEqualTo(expected);
  }

  @Test
  void findsNamesWithTheirDots() {
    assertThat(
            SqlExpression.names("task.logged_minutes > 2.0 * planned_minutes && status in ['A']"))
        .containsExactly("planned_minutes", "status", "task.logged_minutes");
  }

  @Test
  void meansAList() throws Exception {
    SqlValue sql =
        SqlExpression.translate(
            "mean(recent) + recent[0] + size(recent)",
            name -> Optional.of(new SqlValue("v.recent", SqlType.DOUBLES)));

    assertThat(
            evaluate(
                sql.sql(),
                List.of(
                    "select 0 as i, cast([1.5, 2.5, 6.5] as double[]) as recent",
                    "select 1, []",
                    "select 2, null")))
        .containsExactly((1.5 + 2.5 + 6.5) / 3 + 1.5 + 3, null, null);
  }

  @Test
  void saysWhatItHasNoSqlFor() {
    assertThatThrownBy(() -> SqlExpression.translate("frobnicate(1)", name -> Optional.empty()))
        .hasMessage(
            "'frobnicate(1)' cannot be recomputed: SQL for the function frobnicate is missing");
    assertThatThrownBy(() -> SqlExpression.translate("1 +", name -> Optional.empty()))
        .hasMessageStartingWith("'1 +' is no CEL: ");
  }

  private static Map<String, @Nullable Object> values(SplittableRandom random) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    values.put("status", pick(random, "COMPLETED", "ASSIGNED", "STARTED", ""));
    values.put("phase", pick(random, "design", "test", "it's", "COMPLETED"));
    values.put("planned_minutes", pick(random, 0.0, 30.0, 45.5, 0.1, 1e300));
    values.put("minutes", pick(random, 0L, 30L, 45L, -7L));
    values.put("task.logged_minutes", pick(random, 0L, 30L, 100L, 4_000_000_000L));
    values.put("overran", pick(random, true, false));
    values.put("as_of", random.nextLong(4_000_000_000_000L));
    values.put("started_at", random.nextLong(4_000_000_000_000L));
    values.put("skills", pick(random, List.of(), List.of("java"), List.of("sql", "java")));
    if (random.nextInt(4) == 0) {
      values.put(pick(random, values.keySet().toArray(new String[0])), null);
    }
    return values;
  }

  @SafeVarargs
  private static <T> T pick(SplittableRandom random, T... of) {
    return of[random.nextInt(of.length)];
  }

  private static SqlType sqlType(ValueType type) {
    return switch (type) {
      case LONG -> SqlType.LONG;
      case DOUBLE -> SqlType.DOUBLE;
      case BOOLEAN -> SqlType.BOOLEAN;
      case STRING -> SqlType.TEXT;
      case INSTANT -> SqlType.INSTANT;
      default -> SqlType.TEXTS;
    };
  }

  private static String literal(@Nullable Object value, @Nullable ValueType type) {
    String literal =
        value instanceof String text
            ? Database.text(text)
            : value instanceof Double real
                ? Sql.real(real)
                : value instanceof List<?> items
                    ? items.stream().map(i -> Database.text("" + i)).toList().toString()
                    : String.valueOf(value);
    return "cast(%s as %s)"
        .formatted(literal, sqlType(java.util.Objects.requireNonNull(type)).sql());
  }

  private static List<@Nullable Object> evaluate(String sql, List<String> rows) throws Exception {
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var statement = connection.createStatement()) {
      List<@Nullable Object> values = new ArrayList<>();
      try (var result =
          statement.executeQuery(
              "select %s from (%s) v order by i"
                  .formatted(sql, String.join(" union all ", rows)))) {
        while (result.next()) {
          values.add(result.getObject(1));
        }
      }
      return Arrays.asList(values.toArray());
    }
  }
}
