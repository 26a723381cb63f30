package io.crewcast.scoring.training;

import io.crewcast.schemas.ValueType;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.Label;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.tree.Objective;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoublePredicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the examples before anything is trained on them.
 *
 * @param leakageToo whether an input that tells the label is a finding rather than a refusal
 */
record DataChecks(ModelSpec spec, boolean leakageToo) {

  private static final double MUCH_MISSING = 0.5;
  private static final double RARE = 0.01;
  private static final int LEAST_OF_A_CLASS = 20;
  private static final double LEAK = 0.95;
  private static final String SAME =
      "the labels of the part from %s on are all the same: backfill more events";

  /**
   * What is worth knowing of the training part, a line each.
   *
   * @throws InvalidModelException if it should not be trained on, with all reasons
   */
  List<String> check(Split split) {
    List<String> refusals = new ArrayList<>();
    List<String> findings = new ArrayList<>();
    labels(split, refusals, findings);
    for (int place = 0; place < spec.inputs().size(); place++) {
      ModelSpec.Input input = spec.inputs().get(place);
      if (input.type() == ValueType.STRING) {
        texts(input, place, split.train(), refusals, findings);
      } else {
        numbers(input, place, split.train(), refusals, findings);
      }
    }
    if (!refusals.isEmpty()) {
      throw new InvalidModelException(
          "%s is not trained on this data: %s".formatted(spec.name(), String.join("; ", refusals)));
    }
    return findings;
  }

  private void labels(Split split, List<String> refusals, List<String> findings) {
    Label label = spec.label();
    if (label instanceof Label.Binary) {
      classes(split, refusals, findings);
    } else if (label instanceof Label.Classes classes) {
      for (int place = 0; place < classes.names().size(); place++) {
        ofClass(classes.names().get(place), place, split.train(), refusals);
      }
    } else {
      range(split.train(), refusals);
    }
    if (!(label instanceof Label.Binary)) {
      for (List<Example> part : split.parts()) {
        if (Arrays.stream(Example.labels(part)).distinct().count() < 2) {
          refusals.add(SAME.formatted(part.get(0).asOf()));
        }
      }
    }
  }

  private static void ofClass(String name, int place, List<Example> train, List<String> refusals) {
    long count = train.stream().filter(example -> example.label() == place).count();
    if (count < LEAST_OF_A_CLASS) {
      refusals.add(
          "%d labels that train are %s, and %d of each class are needed: backfill more events, or take the class from the label"
              .formatted(count, name, LEAST_OF_A_CLASS));
    }
  }

  private void range(List<Example> train, List<String> refusals) {
    double least = Arrays.stream(Example.labels(train)).min().orElse(0);
    String objective = spec.train().objective();
    boolean allowed =
        objective.equals(Objective.GAMMA.xgboostName())
            ? least > 0
            : least >= 0
                || !(objective.equals(Objective.TWEEDIE.xgboostName())
                    || objective.equals(Objective.POISSON.xgboostName()));
    if (!allowed) {
      refusals.add(
          "the least label is %s, which %s cannot learn: use reg:squarederror"
              .formatted(least, objective));
    }
  }

  private static void classes(Split split, List<String> refusals, List<String> findings) {
    long count = split.train().size();
    long positives = positives(split.train());
    long rarer = Math.min(positives, count - positives);
    if (rarer < LEAST_OF_A_CLASS) {
      refusals.add(
          "of %d labels that train %d are positive, and %d of each kind are needed: backfill more events"
              .formatted(count, positives, LEAST_OF_A_CLASS));
    } else if (rarer < RARE * count) {
      findings.add("of %d labels that train only %d are positive".formatted(count, positives));
    }
    for (List<Example> part : List.of(split.validate(), split.test())) {
      if (positives(part) == 0 || positives(part) == part.size()) {
        refusals.add(SAME.formatted(part.get(0).asOf()));
      }
    }
  }

  private static long positives(List<Example> examples) {
    return examples.stream().filter(example -> example.label() > 0).count();
  }

  /** The labels as questions of yes or no, by which a leak can be told. */
  private List<double[]> questions(List<Example> train) {
    double[] labels = Example.labels(train);
    if (spec.label() instanceof Label.Binary) {
      return List.of(labels);
    } else if (spec.label() instanceof Label.Classes classes) {
      return IntStream.range(0, classes.names().size())
          .mapToObj(place -> where(labels, label -> label == place))
          .toList();
    }
    double median = Arrays.stream(labels).sorted().toArray()[labels.length / 2];
    return List.of(where(labels, label -> label >= median));
  }

  private static double[] where(double[] labels, DoublePredicate holds) {
    return Arrays.stream(labels).map(label -> holds.test(label) ? 1 : 0).toArray();
  }

  private void numbers(
      ModelSpec.Input input,
      int place,
      List<Example> train,
      List<String> refusals,
      List<String> findings) {
    double[] values = train.stream().mapToDouble(example -> example.number(place)).toArray();
    long unusable =
        Arrays.stream(values).filter(x -> !Double.isNaN(x) && !Float.isFinite((float) x)).count();
    if (unusable > 0) {
      refusals.add(
          "%s is infinite or beyond a float in %d examples: change its feature or expression"
              .formatted(input.name(), unusable));
      return;
    }
    double[] known = Arrays.stream(values).filter(x -> !Double.isNaN(x)).toArray();
    spread(input, values.length, known.length, Arrays.stream(known).distinct().count(), findings);
    leakage(
        input,
        questions(train).stream().mapToDouble(told -> Leakage.ofNumbers(values, told)),
        refusals,
        findings);
  }

  private void texts(
      ModelSpec.Input input,
      int place,
      List<Example> train,
      List<String> refusals,
      List<String> findings) {
    List<@Nullable String> texts = new ArrayList<>();
    train.forEach(example -> texts.add(example.text(place)));
    List<@Nullable String> known = texts.stream().filter(text -> text != null).toList();
    spread(input, texts.size(), known.size(), known.stream().distinct().count(), findings);
    leakage(
        input,
        questions(train).stream().mapToDouble(told -> Leakage.ofTexts(texts, told)),
        refusals,
        findings);
  }

  private static void spread(
      ModelSpec.Input input, int count, int known, long different, List<String> findings) {
    double missing = 1 - (double) known / count;
    if (known == 0) {
      findings.add("%s is always missing".formatted(input.name()));
    } else if (known == count && different == 1) {
      findings.add("%s is the same in all examples".formatted(input.name()));
    } else if (missing >= MUCH_MISSING) {
      findings.add(
          String.format(
              Locale.ROOT,
              "%s is missing in %.0f %% of the examples",
              input.name(),
              100 * missing));
    }
  }

  private void leakage(
      ModelSpec.Input input, DoubleStream aucs, List<String> refusals, List<String> findings) {
    double auc = aucs.filter(each -> !Double.isNaN(each)).max().orElse(0);
    if (auc < LEAK) {
      return;
    }
    String finding =
        String.format(Locale.ROOT, "%s alone tells the label (AUC %.3f)", input.name(), auc);
    if (leakageToo || spec.train().trusted().contains(input.name())) {
      findings.add(finding);
    } else {
      refusals.add(
          finding
              + ": take it from the inputs, or name it under trusted in the model's file, or train with --allow-leakage");
    }
  }
}
