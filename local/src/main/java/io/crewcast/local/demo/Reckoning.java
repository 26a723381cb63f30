package io.crewcast.local.demo;

import static java.util.stream.Collectors.toMap;

import io.crewcast.local.report.LakeReport;
import io.crewcast.local.report.TimeRange;
import io.crewcast.local.scoring.MonitoringRun;
import io.crewcast.local.verify.FeatureVerification;
import io.crewcast.local.verify.Selection;
import io.crewcast.local.verify.VerificationReport;
import io.crewcast.schemas.Prediction;
import io.crewcast.schemas.serde.Topic;
import io.crewcast.scoring.model.ModelSpec;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What came of it all: every record accounted for, every feature recomputed, the model watched
 * after the event, and told in words and figures.
 *
 * @param live what has run
 * @param trial null where nothing was tried
 */
record Reckoning(DemoStack demo, LivePart live, @Nullable Trial trial, ModelSpec spec) {

  private static final int EXAMPLES = 5;

  /**
   * By how much answers of a replay are out of order where another job takes half of the machine,
   * and partitions are held to each other too late.
   */
  private static final String DRIFT_BESIDE_A_TRIAL = "30 d";

  /** What the broker has of the answers: when each event was first answered, and by whom. */
  private record Answered(Map<String, Instant> at, List<Prediction> all) {}

  /**
   * Reckons up.
   *
   * @param eventsPerSecond that went through at full speed
   * @param pacedSince when the steady part began
   */
  DemoRun.Result of(String jar, long eventsPerSecond, Instant pacedSince) throws Exception {
    publishLake();
    Account account = account();
    VerificationReport features = recompute();
    monitor(jar);
    Path report = report();
    Answered answered = answered();
    try (LakeFigures lake = new LakeFigures(demo.options().lake())) {
      LakeFigures.Quality quality = lake.quality();
      Optional<LakeFigures.Latency> latency = lake.latency(answered.at, pacedSince);
      tell(account, features, quality, latency);
      lake.boldest().ifPresent(this::tell);
      Summary summary =
          new Summary(
              account.in(),
              quality.scored(),
              quality.predictions(),
              account.deadLetters(),
              account.repeats(),
              features.equal(),
              features.different(),
              quality.auc(),
              latency.map(LakeFigures.Latency::p50).orElse(null),
              latency.map(LakeFigures.Latency::p95).orElse(null),
              latency.map(LakeFigures.Latency::p99).orElse(null),
              eventsPerSecond,
              demo.options().lake().toString(),
              report.toString());
      boolean isSound = account.addsUp() && features.different() == 0;
      boolean isAsExpected = told(lake.alerts(), answered.all);
      return new DemoRun.Result(
          summary, isSound && isAsExpected, live.job().job().page(), lake.worker());
    }
  }

  private void publishLake() throws Exception {
    demo.stages()
        .run(
            "publish lake",
            -1,
            bar -> {
              if (trial != null) {
                trial.end();
              }
              live.job().job().publish(List.of(demo.options().lake()), DemoStack.PATIENCE);
              return demo.options().lake().toString();
            });
  }

  private Account account() throws InterruptedException {
    long in = demo.topics().records(Topic.WORK_EVENTS);
    return new Account(in, live.job().awaitSettled(in, settled -> {}, DemoStack.SHORT_PATIENCE));
  }

  private VerificationReport recompute() throws Exception {
    VerificationReport[] features = new VerificationReport[1];
    demo.stages()
        .run(
            "recompute",
            -1,
            bar -> {
              features[0] =
                  FeatureVerification.run(
                      demo.options().lake(),
                      demo.options().definitions(),
                      Selection.LAST_ROWS,
                      result -> {});
              return features[0].inWords();
            });
    return features[0];
  }

  private void monitor(String jar) throws Exception {
    long records = demo.topics().watched();
    Map<String, String> own = new HashMap<>();
    own.put("models", demo.options().models().toString());
    if (demo.options().isTrial()) {
      own.put("out-of-orderness", DRIFT_BESIDE_A_TRIAL);
    }
    Map<String, String> options = demo.watching("crewcast-demo-monitoring", own);
    demo.stages()
        .run(
            "monitor",
            records,
            bar -> {
              MonitoringRun job =
                  MonitoringRun.start(
                      demo.flink(),
                      jar,
                      options,
                      run -> run.withParallelism(1).with(DemoStack.BULK_SETTINGS));
              job.awaitRead(records, bar::stepTo, DemoStack.PATIENCE);
              job.publish(demo.options().lake(), DemoStack.PATIENCE);
              try (LakeFigures lake = new LakeFigures(demo.options().lake())) {
                return lake.monitored();
              }
            });
  }

  /** Returns where the page lies that shows what the lake holds. */
  private Path report() throws Exception {
    Path page = demo.options().directory().resolve("report.html");
    demo.stages()
        .run(
            "report",
            -1,
            bar -> {
              LakeReport.read(demo.options().lake(), new TimeRange(null, null), Clock.systemUTC())
                  .write(page);
              return page.toString();
            });
    return page;
  }

  private Answered answered() throws InterruptedException {
    Answered answered = new Answered(new HashMap<>(), new ArrayList<>());
    demo.topics()
        .forEach(
            Topic.PREDICTIONS,
            Prediction.class,
            demo.registry(),
            (prediction, at) -> {
              answered.at.putIfAbsent(prediction.getEventId(), at);
              answered.all.add(prediction);
            });
    return answered;
  }

  private void tell(
      Account account,
      VerificationReport features,
      LakeFigures.Quality quality,
      Optional<LakeFigures.Latency> latency) {
    Stages stages = demo.stages();
    stages.say("");
    stages.say("Account      " + account.inWords());
    stages.say(
        "Features     %,d values equal, %,d different from their recomputation"
            .formatted(features.equal(), features.different()));
    features.examples().stream()
        .limit(EXAMPLES)
        .forEach(example -> stages.say("             " + example));
    stages.say("Predictions  " + quality.inWords());
    stages.say(
        "Latency      "
            + latency
                .map(LakeFigures.Latency::inWords)
                .orElse("not measured: the paced part triggered no prediction"));
  }

  private void tell(ToldPrediction prediction) {
    Map<String, String> meanings =
        spec.inputs().stream().collect(toMap(ModelSpec.Input::name, ModelSpec.Input::about));
    List<String> lines = prediction.inWords(spec.about(), meanings);
    demo.stages().say("");
    lines.forEach(demo.stages()::say);
    demo.stages().say("");
  }

  /** Whether what went wrong, and nothing else, was alerted of, and a trial was ended. */
  private boolean told(List<ToldAlert> alerts, List<Prediction> predictions) {
    Stages stages = demo.stages();
    alerts.forEach(alert -> stages.say("Alert        " + alert.message()));
    Aftermath after = trial == null ? null : Aftermath.of(trial.rollback(), predictions);
    if (trial != null && after != null) {
      alerts.forEach(alert -> stages.say("Found        " + trial.inWords(alert)));
      after.inWords().forEach(stages::say);
    }
    Scenario scenario = demo.options().scenario();
    if (scenario == null) {
      return true;
    }
    List<String> faults = scenario.faults(alerts, after);
    stages.say("Scenario     %s: %s".formatted(scenario, scenario.inWords(faults)));
    return faults.isEmpty();
  }
}
