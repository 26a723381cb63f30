package io.crewcast.sinks.redis;

import static java.util.stream.Collectors.toMap;

import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.PredictionRole;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads from Redis what a model last said of an entity, of one or many in one round trip. May be
 * shared by threads; connections are kept for the next read.
 */
public final class OnlinePredictions implements AutoCloseable {

  private final OnlineReader reader;
  private final Map<String, PredictionSchema> schemas;
  private final Map<String, FeastView> views;

  /**
   * Connects at the first read.
   *
   * @param schemas one a model
   */
  public OnlinePredictions(RedisAddress address, Collection<PredictionSchema> schemas) {
    this.reader = new OnlineReader(address);
    this.schemas = schemas.stream().collect(toMap(PredictionSchema::model, Function.identity()));
    this.views = schemas.stream().collect(toMap(PredictionSchema::model, PredictionSchema::view));
  }

  /**
   * What a model last said of an entity.
   *
   * @param asOf entity time of the score
   * @param scoredAt when it was scored, by the clock, in whole seconds
   * @param requestId the request that asked for it; null: none did
   * @param modelVersion 0 for a fallback without any version
   * @param outputs by name, in the order of the model's
   * @param contributions to the margin by input, greatest first
   */
  public record Latest(
      String predictionId,
      String eventId,
      @Nullable String requestId,
      String model,
      int modelVersion,
      PredictionRole role,
      Instant asOf,
      Instant scoredAt,
      Map<String, Double> outputs,
      @Nullable Double confidence,
      Map<String, Double> contributions) {}

  /**
   * What a model last said of entities of a company, in their order; empty for those of which Redis
   * has nothing.
   *
   * @throws IllegalArgumentException when the predictions of no such model are kept
   * @throws redis.clients.jedis.exceptions.JedisConnectionException when Redis does not answer
   */
  public List<Optional<Latest>> read(String model, String companyId, List<String> entityIds) {
    PredictionSchema schema = schemas.get(model);
    FeastView view = views.get(model);
    if (schema == null || view == null) {
      throw new IllegalArgumentException(
          "No predictions of %s are kept online; choose one of %s"
              .formatted(model, views.keySet()));
    }
    List<byte[]> keys = new ArrayList<>(entityIds.size());
    for (String id : entityIds) {
      keys.add(view.key(companyId, FeatureSchema.ids(schema.entity(), id)));
    }
    return reader.read(view, keys).stream()
        .map(found -> found.map(row -> latest(schema, row.asOf(), row.values())))
        .toList();
  }

  private static Latest latest(
      PredictionSchema schema, Instant asOf, Map<String, @Nullable Object> values) {
    Map<String, Double> outputs = new LinkedHashMap<>();
    for (String output : schema.outputs()) {
      if (values.get(output) instanceof Double answer) {
        outputs.put(output, answer);
      }
    }
    Map<String, Double> contributions = new LinkedHashMap<>();
    List<?> inputs = (List<?>) there(values, PredictionSchema.CONTRIBUTING);
    List<?> shares = (List<?>) there(values, PredictionSchema.CONTRIBUTIONS);
    for (int i = 0; i < inputs.size(); i++) {
      contributions.put((String) inputs.get(i), (Double) shares.get(i));
    }
    return new Latest(
        (String) there(values, PredictionSchema.PREDICTION_ID),
        (String) there(values, PredictionSchema.EVENT_ID),
        (String) values.get(PredictionSchema.REQUEST_ID),
        schema.model(),
        ((Long) there(values, PredictionSchema.MODEL_VERSION)).intValue(),
        PredictionRole.valueOf((String) there(values, PredictionSchema.ROLE)),
        asOf,
        Instants.ofMicros((Long) there(values, PredictionSchema.SCORED_AT)),
        outputs,
        (Double) values.get(PredictionSchema.CONFIDENCE),
        contributions);
  }

  private static Object there(Map<String, @Nullable Object> values, String column) {
    Object value = values.get(column);
    if (value == null) {
      throw new IllegalArgumentException(
          "The prediction in Redis has no %s: something else than Crewcast wrote it"
              .formatted(column));
    }
    return value;
  }

  @Override
  public void close() {
    reader.close();
  }
}
