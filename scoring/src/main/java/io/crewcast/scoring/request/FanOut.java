package io.crewcast.scoring.request;

import io.crewcast.schemas.EntityRef;
import io.crewcast.schemas.PredictionRequested;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import io.crewcast.schemas.stream.ScoredChange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.flink.formats.avro.typeutils.AvroTypeInfo;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Sends a request with several candidates to each of them: a change a candidate, in which the
 * request names that one first. The request itself goes to {@link #RANKINGS}, so that the time in
 * which it is answered begins here.
 */
public final class FanOut extends ProcessFunction<Change, Change> {

  /** Requests for a ranking, without any prediction yet. */
  public static final OutputTag<ScoredChange> RANKINGS =
      new OutputTag<>("rankings", new AvroTypeInfo<>(ScoredChange.class));

  @Override
  public void processElement(Change change, Context context, Collector<Change> out) {
    Fact applied = change.getApplied();
    if (applied == null
        || !applied.getEvent().getEventId().equals(change.getEventId())
        || !(applied.getEvent().getPayload() instanceof PredictionRequested request)
        || request.getEntities().size() == 1) {
      out.collect(change);
      return;
    }
    context.output(RANKINGS, new ScoredChange(change, List.of()));
    for (int candidate = 0; candidate < request.getEntities().size(); candidate++) {
      List<EntityRef> entities = new ArrayList<>(request.getEntities());
      Collections.swap(entities, 0, candidate);
      WorkEvent event =
          WorkEvent.newBuilder(applied.getEvent())
              .setPayload(PredictionRequested.newBuilder(request).setEntities(entities).build())
              .build();
      out.collect(
          Change.newBuilder(change)
              .setApplied(Fact.newBuilder(applied).setEvent(event).build())
              .setRetracted(null)
              .build());
    }
  }
}
