package io.crewcast.features.operator;

import static io.crewcast.features.Events.arrival;
import static io.crewcast.features.Events.event;

import io.crewcast.features.definition.Definitions;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.FeatureVector;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Arrival;
import io.crewcast.schemas.stream.Change;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The ledger and the visits one after the other, as the job wires them. */
abstract class VisitedEntities {

  static final Definitions DEFINITIONS = definitions();

  KeyedOneInputStreamOperatorTestHarness<String, Arrival, Change> ledger;
  final Map<EntityType, KeyedOneInputStreamOperatorTestHarness<String, Change, Change>> visits =
      new HashMap<>();

  @BeforeEach
  void open() throws Exception {
    ledger = ledger(DEFINITIONS.schemas().keySet());
    ledger.open();
    for (EntityDefinition definition : DEFINITIONS.entities()) {
      var visit = visit(definition, false);
      visit.open();
      visits.put(definition.entity(), visit);
    }
  }

  @AfterEach
  void close() throws Exception {
    ledger.close();
    for (var visit : visits.values()) {
      visit.close();
    }
  }

  static KeyedOneInputStreamOperatorTestHarness<String, Arrival, Change> ledger(
      Set<EntityType> kept) throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new KeyedProcessOperator<>(new KeepLedger(Duration.ofDays(366), kept)),
        arrival -> FactKind.factKey(arrival.getEvent()),
        Types.STRING);
  }

  /** The last change that followed, after all visits. */
  Change send(WorkEvent event) throws Exception {
    Change last = null;
    int before = ledger.extractOutputValues().size();
    ledger.processElement(arrival(event), event.getRecordedAt().toEpochMilli());
    List<Change> changes = ledger.extractOutputValues();
    for (Change change : changes.subList(before, changes.size())) {
      Change travelling = Change.newBuilder(change).build();
      for (EntityDefinition definition : DEFINITIONS.entities()) {
        var visit = visits.get(definition.entity());
        visit.processElement(travelling, event.getRecordedAt().toEpochMilli());
        travelling = new ArrayDeque<>(visit.extractOutputValues()).getLast();
      }
      last = travelling;
    }
    return last;
  }

  List<FeatureVector> vectors(EntityType entity) {
    var output = visits.get(entity).getSideOutput(UpdateFeatures.features(entity));
    return output == null
        ? List.of()
        : new ArrayList<>(output).stream().map(record -> record.getValue()).toList();
  }

  Object newest(EntityType entity, String id, String column) {
    List<FeatureVector> vectors =
        vectors(entity).stream().filter(vector -> vector.getEntityId().equals(id)).toList();
    return value(vectors.get(vectors.size() - 1), column);
  }

  static Object value(FeatureVector vector, String column) {
    return vector.getValues().get(DEFINITIONS.schemas().get(vector.getEntity()).indexOf(column));
  }

  static KeyedOneInputStreamOperatorTestHarness<String, Change, Change> visit(
      EntityDefinition definition, boolean backfill) throws Exception {
    return new KeyedOneInputStreamOperatorTestHarness<>(
        new GoLive<>(new UpdateFeatures(definition, DEFINITIONS.schemas()), backfill),
        Keys.entity(definition.entity()),
        Types.STRING);
  }

  static Definitions definitions() {
    try {
      return Definitions.load(Path.of("../flink-conf"));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
