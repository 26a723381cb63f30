package io.crewcast.features.operator;

import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.definition.InvalidDefinitionException;
import io.crewcast.features.window.Layout;
import io.crewcast.features.window.Layout.Place;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.state.ColumnPlace;
import io.crewcast.schemas.state.FeatureLayout;
import io.crewcast.schemas.stream.Fact;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;

/**
 * The layout of state, kept in every savepoint, so that a job with other definitions knows what it
 * finds. A column that is new counts what is recorded after all that was seen before the savepoint:
 * whether it counted a version can so be told from the version alone.
 */
final class KeptLayout {

  private static final ListStateDescriptor<FeatureLayout> LAYOUT =
      new ListStateDescriptor<>("layout", new AvroTypeInfo<>(FeatureLayout.class));

  private final ListState<FeatureLayout> kept;
  private final Layout layout;
  private final Map<String, Long> newestFacts;
  private long newestRecordedAt;

  private KeptLayout(
      ListState<FeatureLayout> kept,
      Layout layout,
      Map<String, Long> newestFacts,
      long newestRecordedAt) {
    this.kept = kept;
    this.layout = layout;
    this.newestFacts = newestFacts;
    this.newestRecordedAt = newestRecordedAt;
  }

  /**
   * What a definition finds.
   *
   * @throws SuppressRestartsException if it does not fit: another try would find the same
   */
  static KeptLayout of(OperatorStateStore store, EntityDefinition definition) throws Exception {
    ListState<FeatureLayout> kept = store.getUnionListState(LAYOUT);
    List<FeatureLayout> known = new ArrayList<>();
    kept.get().forEach(known::add);
    long newest =
        known.stream()
            .mapToLong(FeatureLayout::getNewestRecordedAt)
            .max()
            .orElse(Layout.FROM_THE_START);
    long bornAt = newest == Layout.FROM_THE_START ? newest : newest + 1;
    List<Place> places =
        known.stream()
            .map(FeatureLayout::getColumns)
            .max(Comparator.comparingInt(List::size))
            .orElse(List.of())
            .stream()
            .map(
                column ->
                    new Place(
                        column.getName(),
                        column.getSaying(),
                        column.getMeasure(),
                        column.getBornAt(),
                        column.getRetired()))
            .toList();
    Map<String, Long> newestFacts = new HashMap<>();
    known.forEach(
        task ->
            task.getNewestFacts()
                .forEach((source, at) -> newestFacts.merge(source, at, Math::max)));
    try {
      return new KeptLayout(
          kept, Layout.of(places).continuedBy(definition, bornAt), newestFacts, newest);
    } catch (InvalidDefinitionException e) {
      throw new SuppressRestartsException(e);
    }
  }

  Layout layout() {
    return layout;
  }

  /** The newest {@code recorded_at} that any task had counted of each source. */
  Map<String, Long> newestFacts() {
    return newestFacts;
  }

  /** A version has come by. */
  void saw(@Nullable Fact version) {
    if (version != null) {
      long recordedAt = Instants.micros(version.getEvent().getRecordedAt());
      newestRecordedAt = Math.max(newestRecordedAt, recordedAt);
    }
  }

  /**
   * @param newestFacts that are counted by now
   */
  void snapshot(Map<String, Long> newestFacts) throws Exception {
    List<ColumnPlace> columns =
        layout.places().stream()
            .map(
                place ->
                    new ColumnPlace(
                        place.column(),
                        place.saying(),
                        place.measure(),
                        place.bornAt(),
                        place.retired()))
            .toList();
    kept.update(List.of(new FeatureLayout(columns, newestRecordedAt, Map.copyOf(newestFacts))));
  }
}
