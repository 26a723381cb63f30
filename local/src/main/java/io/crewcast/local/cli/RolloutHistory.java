package io.crewcast.local.cli;

import io.crewcast.local.lake.LakeFolder;
import io.crewcast.schemas.ModelRollout;
import io.crewcast.schemas.RolloutStage;
import io.crewcast.schemas.serde.Feed.Published;
import io.crewcast.scoring.rollout.Timeline;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code models history}: what served when. */
@Command(
    name = "history",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what served under a model's name from when on, oldest first.",
      "The topic forgets what newer rollouts replaced; a lake keeps all that a live job saw."
    })
final class RolloutHistory implements Callable<Integer> {

  private static final String QUERY =
      """
      select distinct on (rollout_id) effective_at, champion, challenger, coverage, shadows, reason, rollout_id
      from %s
      where model = ? and stage = 'ACTIVATE' order by rollout_id, published_at
      """;

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private Rollouts.Access topic = new Rollouts.Access();

  @Parameters(index = "0", paramLabel = "NAME", description = "Of the model.")
  private String name = "";

  @Option(
      names = "--lake",
      paramLabel = "DIR",
      description = "Read its table rollouts in place of the topic.")
  private @Nullable Path lake;

  private record Line(
      Instant effectiveAt,
      int champion,
      @Nullable Integer challenger,
      double coverage,
      String shadows,
      String reason,
      String rolloutId) {}

  @Override
  public Integer call() throws Exception {
    List<Line> lines = lake == null ? fromTopic() : fromLake(lake);
    if (lines.isEmpty()) {
      throw new IllegalStateException(
          "Nothing was rolled out for %s: its newest version at the job's start serves, or a pin"
              .formatted(name));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "%-26s %8s %10s %8s %-8s %-46s %s%n",
        "from", "champion", "challenger", "coverage", "shadows", "rollout", "reason");
    for (Line line : lines) {
      out.printf(
          "%-26s %8d %10s %8s %-8s %-46s %s%n",
          line.effectiveAt(),
          line.champion(),
          line.challenger() == null ? "-" : line.challenger(),
          line.challenger() == null ? "-" : line.coverage(),
          line.shadows().equals("[]") ? "-" : line.shadows(),
          line.rolloutId(),
          line.reason());
    }
    return 0;
  }

  private List<Line> fromTopic() throws InterruptedException {
    List<Line> lines = new ArrayList<>();
    for (Published<ModelRollout> published : topic.of(name)) {
      ModelRollout rollout = published.value();
      if (rollout.getStage() == RolloutStage.ACTIVATE) {
        lines.add(
            new Line(
                Timeline.effectiveAt(rollout.getEffectiveAt(), published.appendedAt()),
                rollout.getChampion(),
                rollout.getChallenger(),
                rollout.getCoverage(),
                rollout.getShadows().toString(),
                rollout.getReason(),
                rollout.getRolloutId()));
      }
    }
    return lines;
  }

  private List<Line> fromLake(Path folder) throws SQLException, IOException {
    var tables = new LakeFolder(folder);
    if (!tables.has("rollouts")) {
      throw new IllegalStateException(
          "%s has no files: a live job with --lake %s writes it, --publish-after a rollout"
              .formatted(folder.resolve("rollouts"), folder));
    }
    try (var connection = DriverManager.getConnection("jdbc:duckdb:");
        var statement =
            connection.prepareStatement(
                "select * from (%s) order by effective_at"
                    .formatted(QUERY.formatted(tables.rows("rollouts"))))) {
      statement.setString(1, name);
      List<Line> lines = new ArrayList<>();
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          int challenger = rows.getInt("challenger");
          lines.add(
              new Line(
                  rows.getObject("effective_at", java.time.OffsetDateTime.class)
                      .withOffsetSameInstant(ZoneOffset.UTC)
                      .toInstant(),
                  rows.getInt("champion"),
                  challenger == 0 ? null : challenger,
                  rows.getDouble("coverage"),
                  String.valueOf(rows.getObject("shadows")),
                  rows.getString("reason"),
                  rows.getString("rollout_id")));
        }
      }
      return lines;
    }
  }
}
