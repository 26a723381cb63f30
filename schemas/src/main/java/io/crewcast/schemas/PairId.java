package io.crewcast.schemas;

import org.jspecify.annotations.NullMarked;

/**
 * The id of {@link EntityType#WORKER_PROJECT}, one worker in one project. As one text it is {@code
 * worker_id/project_id} with {@code %25} for each % and {@code %2F} for each / of the worker's id:
 * the first / ends the worker's id, and no two pairs share a text.
 */
@NullMarked
public record PairId(String workerId, String projectId) {

  /**
   * The pair of which a text is the {@link #entityId()}.
   *
   * @throws IllegalArgumentException when it is that of none
   */
  public static PairId of(String entityId) {
    int slash = entityId.indexOf('/');
    if (slash >= 0) {
      String worker = entityId.substring(0, slash).replace("%2F", "/").replace("%25", "%");
      PairId pair = new PairId(worker, entityId.substring(slash + 1));
      if (pair.entityId().equals(entityId)) {
        return pair;
      }
    }
    throw new IllegalArgumentException(
        "'%s' is no worker in a project: write worker_id/project_id, with %%25 for %% and %%2F for / in the worker's id"
            .formatted(entityId));
  }

  /** Both ids as one text. */
  public String entityId() {
    return escaped(workerId) + '/' + projectId;
  }

  private static String escaped(String id) {
    // nearly all ids hold neither, and are asked for at every stage
    return id.indexOf('%') < 0 && id.indexOf('/') < 0
        ? id
        : id.replace("%", "%25").replace("/", "%2F");
  }
}
