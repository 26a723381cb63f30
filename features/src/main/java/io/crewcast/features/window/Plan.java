package io.crewcast.features.window;

import io.crewcast.features.aggregate.Ranked;
import io.crewcast.features.definition.FactSource;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.expression.FactFields;
import io.crewcast.schemas.stream.Fact;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What facts of one source give to measures. A fact of which more must be known than sums tell is
 * kept when it is applied; taking it back goes by what was kept.
 *
 * @param keeps whether facts are kept one by one
 * @param id of the source, in kept facts
 * @param retention how long they are
 */
record Plan(FactSource source, List<Measure> measures, boolean keeps, int id, Retention retention) {

  private static final char SEPARATOR = '\u0001';

  static Plan of(FactSource source, List<Measure> measures, Retention retention) {
    boolean ranks = measures.stream().anyMatch(Plan::isRanked);
    boolean keeps = ranks || source.readsOthers();
    return new Plan(source, measures, keeps, source.name().hashCode(), retention);
  }

  private static boolean isRanked(Measure measure) {
    return measure.feature().aggregation() instanceof Ranked;
  }

  /** What a measure takes of a fact, or null. */
  @Nullable Object input(Measure measure, Fact fact, Map<String, @Nullable Object> let) {
    String input = measure.feature().input();
    return source.let().containsKey(input) ? let.get(input) : FactFields.value(fact, input);
  }

  /** Events may share an id; where a fact's values are not its own, it must be told apart. */
  String idOf(Fact fact) {
    String eventId = fact.getEvent().getEventId();
    return source.readsOthers() ? eventId + SEPARATOR + FactKind.factKey(fact.getEvent()) : eventId;
  }

  /** The {@code let} values of a version that is applied, or those that it was applied with. */
  Map<String, @Nullable Object> let(
      Pages pages,
      long entityTime,
      Fact fact,
      int sign,
      Function<String, @Nullable Object> visited) {
    long occurredAt = Instants.micros(fact.getEvent().getOccurredAt());
    boolean isKept = keeps && retention.keepsFact(entityTime, occurredAt);
    if (sign < 0 && source.readsOthers()) {
      KeptFact kept = isKept ? remove(pages, fact, occurredAt) : null;
      return kept == null ? Map.of() : kept.values();
    }
    Map<String, @Nullable Object> values =
        source.let().isEmpty() ? Map.of() : new HashMap<>(2 * source.let().size());
    source
        .let()
        .forEach(
            (name, is) ->
                values.put(
                    name,
                    is.evaluate(
                        operand ->
                            operand.indexOf('.') < 0
                                ? FactFields.value(fact, operand)
                                : visited.apply(operand))));
    if (isKept && sign < 0) {
      remove(pages, fact, occurredAt);
    } else if (isKept) {
      Map<String, @Nullable Object> kept = new HashMap<>();
      if (source.readsOthers()) {
        kept.putAll(values);
      }
      for (Measure measure : measures) {
        if (isRanked(measure)) {
          kept.put(measure.feature().input(), input(measure, fact, values));
        }
      }
      kept.values().removeIf(Objects::isNull);
      pages
          .change(source.kind(), Pages.day(occurredAt))
          .kept()
          .add(
              new KeptFact(
                  id,
                  occurredAt,
                  Instants.micros(fact.getEvent().getRecordedAt()),
                  idOf(fact),
                  kept));
    }
    return values;
  }

  private @Nullable KeptFact remove(Pages pages, Fact fact, long occurredAt) {
    long day = Pages.day(occurredAt);
    if (pages.page(source.kind(), day) == null) {
      return null;
    }
    List<KeptFact> kept = pages.change(source.kind(), day).kept();
    String factId = idOf(fact);
    for (int i = kept.size() - 1; i >= 0; i--) {
      KeptFact candidate = kept.get(i);
      if (candidate.source() == id
          && candidate.occurredAt() == occurredAt
          && candidate.id().equals(factId)) {
        return kept.remove(i);
      }
    }
    return null;
  }
}
