package io.crewcast.local.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.crewcast.local.demo.ToldPrediction.Reason;
import io.crewcast.local.demo.ToldPrediction.Work;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ToldPredictionTest {
  @Test
  void tellsTheLikelihoodWhatMovedItAndWhatThenHappened() {
    var prediction =
        new ToldPrediction(
            "acme",
            "task-1",
            "2024-05-02 09:00",
            "task_overrun",
            3,
            0.814,
            List.of(
                new Reason("worker.overrun_rate_90d", "0.6", 0.9),
                new Reason("task.priority", null, -0.25)),
            true,
            "2024-05-03 10:00",
            new Work(200, 120, "COMPLETED"));
    assertThat(
            prediction.inWords(
                "Probability of an overrun", Map.of("worker.overrun_rate_90d", "Share over plan")))
        .containsExactly(
            "Task task-1 of company acme, started 2024-05-02 09:00",
            "  81 %: Probability of an overrun (task_overrun version 3)",
            "  raises it by 0.90: worker.overrun_rate_90d is 0.6 (Share over plan)",
            "  lowers it by 0.25: task.priority is not known (no meaning is given)",
            "  What then happened: it did, known 2024-05-03 10:00; by now 200 minutes are logged on"
                + " 120 planned, status COMPLETED");
  }
}
