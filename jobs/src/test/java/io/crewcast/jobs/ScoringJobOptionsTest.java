package io.crewcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.features.definition.Definitions;
import io.crewcast.schemas.EntityType;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.sinks.redis.PredictionSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScoringJobOptionsTest {

  private static String[] with(String... more) {
    return Stream.concat(
            Stream.of("--bootstrap-servers", "kafka:9092", "--registry", "http://registry"),
            Stream.of(more))
        .toArray(String[]::new);
  }

  @Test
  void readsACommandLine() {
    var options = ScoringJobOptions.parse(with("--publish-after", "3 min"));

    assertThat(options.get(JobOptions.PUBLISH_AFTER)).isEqualTo(Duration.ofMinutes(3));
  }

  @Test
  void refusesAFlagThatLacksItsValue() {
    assertThatThrownBy(() -> ScoringJobOptions.parse(with("--lake", "--models", "/models")))
        .hasMessage("--lake has no value: write --lake VALUE");
  }

  @Test
  void refusesAValueOfTheWrongKind() {
    assertThatThrownBy(() -> ScoringJobOptions.parse(with("--mode", "lively")))
        .hasMessageStartingWith("--mode lively is not valid: live; backfill:")
        .hasNoCause();
  }

  @Test
  void refusesAnAddressOfTheWrongForm() {
    assertThatThrownBy(
            () ->
                ScoringJobOptions.parse(
                    new String[] {"--bootstrap-servers", "kafka", "--registry", "http://r"}))
        .hasMessage("--bootstrap-servers kafka is not valid: write host:port");
    assertThatThrownBy(
            () ->
                ScoringJobOptions.parse(
                    new String[] {"--bootstrap-servers", "k:1", "--registry", "registry:8085"}))
        .hasMessage("--registry registry:8085 is not valid: write http://host:port/path");
    assertThatThrownBy(() -> ScoringJobOptions.parse(with("--redis", "127.0.0.1:6379")))
        .hasMessage("--redis 127.0.0.1:6379 is not valid: write redis://host:port");
    assertThat(
            ScoringJobOptions.parse(with("--redis", "rediss://user:word@cache-1:6380/2"))
                .get(RedisOptions.REDIS))
        .isNotEmpty();
  }

  @Test
  void keepsThePredictionsOfTheModelsThatItIsTold() throws IOException {
    List<ModelSpec> models = models();
    String[] redis = {"--redis", "redis://cache:6379"};
    var none = ScoringJobOptions.parse(with(redis));
    assertThat(RedisOptions.predictions(none, models)).isEmpty();
    var all = ScoringJobOptions.parse(with(redis[0], redis[1], "--redis-predictions", "all"));
    assertThat(RedisOptions.predictions(all, models))
        .containsExactly(new PredictionSchema("task_overrun", EntityType.TASK, List.of("score")));
    var misspelt = ScoringJobOptions.parse(with(redis[0], redis[1], "--redis-predictions", "late"));
    assertThatThrownBy(() -> RedisOptions.predictions(misspelt, models))
        .hasMessage(
            "--redis-predictions late: the job scores no such model, choose of [task_overrun] or"
                + " say all");
    assertThatThrownBy(() -> ScoringJobOptions.parse(with("--redis-ca", "/ca.pem")))
        .hasMessage("--redis-ca needs --redis: write redis://host:port");
  }

  @Test
  void refusesAnUnknownFlagAndAMissingOne() {
    assertThatThrownBy(() -> ScoringJobOptions.parse(with("--lakes", "/lake")))
        .hasMessageStartingWith("--lakes is not known; known are --bootstrap-servers");
    assertThatThrownBy(() -> ScoringJobOptions.parse(new String[] {"--registry", "http://r"}))
        .hasMessageStartingWith("--bootstrap-servers is missing:");
  }

  @Test
  void readsFromTheLakeInABackfillAloneAndWithoutKafka() {
    String[] archive = {"--from-lake", "/lake", "--mode", "backfill"};
    assertThat(ScoringJobOptions.parse(archive).get(ScoringJobOptions.FROM_LAKE))
        .isEqualTo("/lake");
    assertThatThrownBy(() -> ScoringJobOptions.parse(with("--from-lake", "/lake")))
        .hasMessageStartingWith("--from-lake goes with --mode backfill alone");
  }

  @Test
  void refusesToPinWhatIsNotThere() throws IOException {
    List<ModelSpec> models = models();
    var misspelt = ScoringJobOptions.parse(with("--models", "none", "--pin", "task_overun=3"));
    assertThatThrownBy(() -> ScoringJobOptions.serving(misspelt, models, List.of()))
        .hasMessage("--pin task_overun: no such model is defined, choose one of [task_overrun]");
    var missing = ScoringJobOptions.parse(with("--models", "none", "--pin", "task_overrun=3"));
    assertThatThrownBy(() -> ScoringJobOptions.serving(missing, models, List.of()))
        .hasMessage("--pin task_overrun=3: there is no such version in none, only []");
    var nowhere = ScoringJobOptions.parse(with("--pin", "task_overrun=3"));
    assertThatThrownBy(() -> ScoringJobOptions.serving(nowhere, models, List.of()))
        .hasMessage("--pin needs --models: the directory that holds the version");
  }

  @Test
  void choosesTheModelsThatAJobScores() throws IOException {
    List<ModelSpec> models = models();
    var all = ScoringJobOptions.parse(with());
    var one = ScoringJobOptions.parse(with("--only", "task_overrun"));
    var misspelt = ScoringJobOptions.parse(with("--only", "task_overun"));

    assertThat(ScoringJobOptions.served(all, models)).isEqualTo(models);
    assertThat(ScoringJobOptions.served(one, models)).isEqualTo(models);
    assertThatThrownBy(() -> ScoringJobOptions.served(misspelt, models))
        .hasMessage("--only task_overun: no such model is defined, choose of [task_overrun]");
  }

  private static List<ModelSpec> models() throws IOException {
    Path conf = Path.of("../flink-conf");
    return List.of(
        ModelSpec.load(conf.resolve("models/task_overrun.yaml"), Definitions.load(conf).schemas()));
  }
}
