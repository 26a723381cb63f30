package io.crewcast.local.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.crewcast.local.report.LakeFixture;
import io.crewcast.local.stack.Home;
import io.crewcast.local.verify.NaiveStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every query of docs/cookbook.md, over a lake of a few rows. */
class CookbookTest {

  private static final Pattern RECIPE =
      Pattern.compile("```sql\\n(.+?)```\\n\\n```\\n(.+?)\\n", Pattern.DOTALL);

  @TempDir private static Path lake;
  private static LakeSql sql;

  @BeforeAll
  static void write() throws Exception {
    LakeFixture.write(lake);
    new NaiveStream(3, 150).write(lake);
    sql = LakeSql.open(lake, LakeCatalogue.of(Home.find().flinkConf()));
  }

  @AfterAll
  static void close() throws Exception {
    sql.close();
  }

  @TestFactory
  Stream<DynamicTest> answersInTheColumnsThatThePageShows() throws Exception {
    String page = Files.readString(Home.find().flinkConf().resolveSibling("docs/cookbook.md"));
    assertThat(page.split("```sql\\n", -1)).hasSizeGreaterThan(10);
    return RECIPE
        .matcher(page)
        .results()
        .map(
            recipe ->
                dynamicTest(
                    recipe.group(1),
                    () ->
                        sql.run(
                            recipe.group(1),
                            answer ->
                                assertThat(answer.columns())
                                    .isEqualTo(List.of(recipe.group(2).strip().split(" +"))))));
  }
}
