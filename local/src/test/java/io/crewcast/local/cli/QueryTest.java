package io.crewcast.local.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import io.crewcast.local.verify.NaiveStream;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueryTest {

  private static final String NESTED =
      """
      select 1 as n, 'a "b", c' as "text", '' as empty, null as nothing, timestamptz '2026-01-05 09:00:00+01' as at,
        timestamp '2026-01-05 09:00:00' as local, date '2026-01-05' as day, 0.1::decimal(4, 2) as exact, 'nan'::double as nan,
        170141183460469231731687303715884105727::hugeint as huge, [1, null] as list, {'a': 1, 'b': {'c': 'x'}} as struct,
        map {'p10': 0.5::double} as map, '\\x00\\xFF'::blob as bytes, true as truth
      """;

  @TempDir private static Path lake;
  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void write() throws Exception {
    new NaiveStream(3, 150).write(lake);
    Path staging = Files.createDirectories(lake.resolve("worker_features/.staging"));
    Files.copy(
        lake.resolve("worker_features/date=all/a.parquet"), staging.resolve("staged.parquet"));
  }

  @Test
  void readsTablesByNameAndOnlyWhatIsPublished() throws Exception {
    assertThat(sql("select count(*) as n from worker_features", "--format", "json")).isZero();
    Path file = lake.resolve("worker_features/date=all/a.parquet");
    assertThat(sql("select count(*) as n from '" + file + "'", "--format", "json")).isZero();
    List<String> counts = out.toString().lines().toList();
    assertThat(counts).hasSize(2).allMatch(counts.get(0)::equals);
    assertThat(counts.get(0)).matches("\\{\"n\":[1-9][0-9]+}");
  }

  @Test
  void hasEveryTableWithItsColumnsBeItInTheLakeOrNot() {
    assertThat(
            sql(
                "select outputs['p10'], worker_hours_7d, contributions[1].feature from predictions",
                "--format",
                "csv"))
        .isZero();
    assertThat(sql("select worker_hours_7d from training_examples", "--format", "csv")).isZero();
    assertThat(sql("select payload from work_events")).isEqualTo(1);
    assertThat(sql("select time_entry.cost_cents from work_events limit 1")).isZero();
    assertThat(sql("show tables", "--format", "csv")).isZero();
    assertThat(out.toString().lines())
        .contains(
            "\"alerts\"",
            "\"dead_letters\"",
            "\"rollouts\"",
            "\"work_events\"",
            "\"worker_project_features\"");
  }

  @Test
  void writesNullTimesAndWhatIsNestedAsJson() throws Exception {
    assertThat(sql(NESTED, "--format", "json")).isZero();
    assertThat(new ObjectMapper().readTree(out.toString()))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"n":1,"text":"a \\"b\\", c","empty":"","nothing":null,"at":"2026-01-05T08:00:00Z","local":"2026-01-05T09:00:00",
                     "day":"2026-01-05","exact":0.10,"nan":"NaN","huge":170141183460469231731687303715884105727,"list":[1,null],
                     "struct":{"a":1,"b":{"c":"x"}},"map":{"p10":0.5},"bytes":"AP8=","truth":true}
                    """));
  }

  @Test
  void writesNullAsNothingAndAnEmptyTextInQuotesInCsv() {
    assertThat(sql(NESTED, "--format", "csv")).isZero();
    assertThat(out)
        .hasToString(
            """
            "n","text","empty","nothing","at","local","day","exact","nan","huge","list","struct","map","bytes","truth"
            1,"a ""b"", c","",,"2026-01-05T08:00:00Z","2026-01-05T09:00:00","2026-01-05",0.10,"NaN",170141183460469231731687303715884105727,"[1,null]","{""a"":1,""b"":{""c"":""x""}}","{""p10"":0.5}","AP8=","true"
            """);
  }

  @Test
  void alignsTablesAndCountsTheirRows() {
    assertThat(
            sql(
                "select * from (values (1.5, 'é', null), (10, 'a' || chr(10) || 'b', 'x')) t(n, t,"
                    + " u)"))
        .isZero();
    assertThat(out)
        .hasToString(
            """
               n  t    u
            ----  ---  ----
             1.5  é    NULL
            10.0  a b  x
            (2 rows)
            """);
  }

  @Test
  void tellsRowsThatAreTooWideForATerminalALineAValue() {
    StringWriter told = new StringWriter();
    PrintWriter writer = new PrintWriter(told, true);
    List<List<JsonNode>> rows =
        List.of(List.of(TextNode.valueOf("acme"), TextNode.valueOf("0123456789ABCDEF")));
    TextTable table = new TextTable(List.of("company_id", "message"), rows, 24);
    table.head(writer);
    table.rows(rows, writer);
    assertThat(told).hasToString("-- row 1\ncompany_id  acme\nmessage     0123456789A…\n");
  }

  @Test
  void namesColumnsApart() {
    assertThat(sql("select 1 as a, 2 as a, 3 as a_1", "--format", "json")).isZero();
    assertThat(out).hasToString("{\"a\":1,\"a_1\":2,\"a_1_1\":3}\n");
  }

  @Test
  void takesSeveralStatementsFromAFileAndWritesToOne() throws Exception {
    Path query =
        Files.writeString(
            folder.resolve("q.sql"), "create temp table t as select 7 as n;\nfrom t;\n");
    Path to = folder.resolve("rows.csv");
    assertThat(
            run(
                "sql",
                "--lake",
                lake.toString(),
                "-f",
                query.toString(),
                "--format",
                "csv",
                "--out",
                to.toString()))
        .isZero();
    assertThat(to).hasContent("\"n\"\n7\n");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  void readsStandardInput() {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream("select 'é' as e".getBytes(StandardCharsets.UTF_8)));
    try {
      assertThat(run("sql", "--lake", lake.toString(), "--format", "json")).isZero();
    } finally {
      System.setIn(before);
    }
    assertThat(out).hasToString("{\"e\":\"é\"}\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "selec 1                             | line 1, column 1: syntax error at or near \"selec\"",
        "`select 'é',\n"
            + "  * from crews`       | line 2, column 10: Table with name crews does not exist! Did"
            + " you mean \"crew_features\"? The lake's tables are alerts, crew_features,"
            + " dead_letters, ",
        "select hourz_7d from worker_features| line 1, column 8: Referenced column \"hourz_7d\" not"
            + " found",
        "select 1; select 'x'::integer       | Could not convert string 'x' to INT32",
      })
  void saysInOneLineWhatDuckDbRefusesAndWhere(String query, String why) {
    assertThat(sql(query)).isEqualTo(1);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString().lines()).singleElement().asString().contains(why);
  }

  @Test
  void isCalledWronglyWithoutAQueryWithTwoOrWithoutALake() throws Exception {
    Path query = Files.writeString(folder.resolve("q.sql"), "select 1");
    assertThat(sql(" ")).isEqualTo(2);
    assertThat(sql("select 1", "-f", query.toString())).isEqualTo(2);
    assertThat(run("sql", "select 1")).isEqualTo(2);
    assertThat(sql("select 1", "--format", "xml")).isEqualTo(2);
    assertThat(err.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("The query is empty"),
            line -> assertThat(line).contains("Give QUERY or --file, not both"),
            line -> assertThat(line).contains("--lake"),
            line -> assertThat(line).contains("xml", "TABLE, CSV, JSON"));
  }

  @Test
  void saysWhatToDoWhereThereIsNoLakeOrABrokenFile() throws Exception {
    assertThat(run("sql", "--lake", folder.resolve("none").toString(), "select 1")).isEqualTo(1);
    Files.writeString(
        Files.createDirectories(folder.resolve("alerts/date=2026-01-05")).resolve("x.parquet"),
        "no");
    assertThat(run("sql", "--lake", folder.toString(), "select 1")).isEqualTo(1);
    assertThat(err.toString().lines())
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .contains("none is no folder: name the one that a job was given as --lake"),
            line -> assertThat(line).contains("Cannot read " + folder, "x.parquet"));
  }

  private int sql(String query, String... more) {
    String[] arguments = new String[4 + more.length];
    System.arraycopy(new String[] {"sql", "--lake", lake.toString(), query}, 0, arguments, 0, 4);
    System.arraycopy(more, 0, arguments, 4, more.length);
    return run(arguments);
  }

  private int run(String... arguments) {
    return Crewcast.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
