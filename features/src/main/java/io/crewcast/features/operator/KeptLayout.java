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
import java.util.List;
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
  private long newestRecordedAt;

  private KeptLayout(ListState<FeatureLayout> kept, Layout layout, long newestRecordedAt) {
    this.kept = kept;
    this.layout = layout;
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
    try {
      return new KeptLayout(kept, Layout.of(places).continuedBy(definition, bornAt), newest);
    } catch (InvalidDefinitionException e) {
      throw new SuppressRestartsException(e);
    }
  }

  Layout layout() {
    return layout;
  }

  /** A version has come by. */
  void saw(@Nullable Fact version) {
    if (version != null) {
      long recordedAt = Instants.micros(version.getEvent().getRecordedAt());
      newestRecordedAt = Math.max(newestRecordedAt, recordedAt);
    }
  }

  void snapshot() throws Exception {
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
    kept.update(List.of(new FeatureLayout(columns, newestRecordedAt)));
  }
}
