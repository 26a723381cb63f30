package io.crewcast.local.verify;

import io.crewcast.local.lake.Database;
import java.math.BigDecimal;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of a lake are compared.
 *
 * @param everyRow false for each entity's last row only, which is quicker
 * @param share of the entities, by the hash of their key: above 0, at most 1
 * @param salt another one chooses other entities
 * @param publishedWithin for a lake that a job is writing: how long after an event is archived the
 *     last row is that it made, while the job runs; null where the lake is whole
 */
public record Selection(
    boolean everyRow, double share, String salt, @Nullable Duration publishedWithin) {

  /** SQL that chooses whatever there is. */
  static final String ALL = "true";

  public static final Selection EVERY_ROW = new Selection(true, 1, "", null);
  public static final Selection LAST_ROWS = new Selection(false, 1, "", null);

  public Selection {
    if (!(share > 0 && share <= 1)) {
      throw new IllegalArgumentException("A share lies above 0 and is at most 1, not " + share);
    }
  }

  /** SQL for whether an entity is compared: the same in every table, file and run. */
  String chooses(String companyId, String id) {
    return share == 1
        ? ALL
        : "cast('0x' || md5(%s || %s || ':' || %s)[1:8] as bigint) < %d"
            .formatted(Database.text(salt), companyId, id, (long) (share * (1L << 32)));
  }

  /** In a few words. */
  String inWords() {
    return (everyRow ? "every row" : "each entity's last row")
        + (share == 1
            ? ""
            : " of %s of the entities".formatted(BigDecimal.valueOf(share).toPlainString()));
  }
}
