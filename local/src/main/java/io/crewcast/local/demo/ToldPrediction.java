package io.crewcast.local.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A prediction about a task and what became of it, to be told.
 *
 * @param at when it was made, as text; likewise {@code knownAt}, when its label was known
 * @param came true when what it gives the likelihood of came to be
 */
record ToldPrediction(
    String companyId,
    String taskId,
    String at,
    String model,
    int version,
    double likelihood,
    List<Reason> reasons,
    boolean came,
    String knownAt,
    Work work) {

  /**
   * An input that moved the score.
   *
   * @param value null when it was missing
   * @param contribution to the margin; above zero it raises the likelihood
   */
  record Reason(String input, @Nullable String value, double contribution) {}

  /** The task at the end of the stream. */
  record Work(double loggedMinutes, double plannedMinutes, @Nullable String status) {}

  /**
   * The prediction in words, a line a thought.
   *
   * @param about what the model's score means
   * @param meanings of the inputs
   */
  List<String> inWords(String about, Map<String, String> meanings) {
    List<String> lines = new ArrayList<>();
    lines.add("Task %s of company %s, started %s".formatted(taskId, companyId, at));
    lines.add(
        String.format(
            Locale.ROOT, "  %.0f %%: %s (%s version %d)", 100 * likelihood, about, model, version));
    for (Reason reason : reasons) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  %s it by %.2f: %s is %s (%s)",
              reason.contribution() > 0 ? "raises" : "lowers",
              Math.abs(reason.contribution()),
              reason.input(),
              reason.value() == null ? "not known" : reason.value(),
              meanings.getOrDefault(reason.input(), "no meaning is given")));
    }
    lines.add(
        String.format(
            Locale.ROOT,
            "  What then happened: %s, known %s; by now %.0f minutes are logged on %.0f planned, status %s",
            came ? "it did" : "it did not",
            knownAt,
            work.loggedMinutes(),
            work.plannedMinutes(),
            work.status() == null ? "not known" : work.status()));
    return lines;
  }
}
