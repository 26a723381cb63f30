package io.crewcast.features.ledger;

import io.crewcast.schemas.CodePoints;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FactKind;
import io.crewcast.schemas.WorkEvent;
import io.crewcast.schemas.state.LedgerEntry;
import io.crewcast.schemas.stream.Change;
import io.crewcast.schemas.stream.Fact;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the versions of one fact. The version with the greatest (recorded_at, event_id) stands,
 * voids included, whichever arrives first.
 */
public final class FactLedger {

  /** The order of knowledge. */
  public static final Comparator<WorkEvent> BY_KNOWLEDGE =
      Comparator.comparing(WorkEvent::getRecordedAt)
          .thenComparing(WorkEvent::getEventId, CodePoints.ORDER);

  private FactLedger() {}

  /** What became of an event. */
  public enum Verdict {
    /** It is the standing version now, or tells more about it. */
    APPLIED,
    /** A later version stands; nothing changes. */
    SUPERSEDED,
    /** This version was seen before. */
    REPEAT,
    /** The fact can no longer be corrected. */
    UNCORRECTABLE
  }

  /**
   * A verdict and the steps of knowledge that follow from it.
   *
   * @param changes at most a retraction and an application; one step when both name the same
   *     entities, so that each is visited once
   */
  public record Outcome(Verdict verdict, List<Change> changes) {}

  /** A fact of which nothing is known yet. */
  public static LedgerEntry unknown() {
    return new LedgerEntry(new ArrayList<>(), new ArrayList<>(), false, CountedBy.ALL);
  }

  /** Enters {@code event} into {@code entry}, which is changed, and says what follows. */
  public static Outcome enter(LedgerEntry entry, WorkEvent event) {
    if (entry.getEventIds().contains(event.getEventId())) {
      return new Outcome(Verdict.REPEAT, List.of());
    }
    entry.getEventIds().add(event.getEventId());
    if (entry.getClosed()) {
      return new Outcome(Verdict.UNCORRECTABLE, List.of());
    }
    Fact before = standing(entry);
    List<WorkEvent> versions = new ArrayList<>(entry.getVersions());
    versions.add(event);
    versions.sort(BY_KNOWLEDGE);
    if (!VersionHistory.isKept(FactKind.of(event)) && versions.size() > 1) {
      versions.remove(0);
    }
    entry.setVersions(versions);
    Fact after = standing(entry);
    if (Objects.equals(before, after)) {
      return new Outcome(Verdict.SUPERSEDED, List.of());
    }
    return new Outcome(Verdict.APPLIED, changes(before, after, event));
  }

  /** True for facts that happen once; the others stand until replaced and never close. */
  public static boolean closes(FactKind kind) {
    return kind == FactKind.TIME_ENTRY
        || kind == FactKind.DEFECT
        || kind == FactKind.PREDICTION_REQUESTED;
  }

  /** Forgets all but the ids of the versions, by which a repeat is known. */
  public static LedgerEntry closed(LedgerEntry entry) {
    return new LedgerEntry(List.of(), entry.getEventIds(), true, entry.getCountedBy());
  }

  private static List<Change> changes(
      @Nullable Fact before, @Nullable Fact after, WorkEvent cause) {
    if (before != null && after != null && !sameEntities(before.getEvent(), after.getEvent())) {
      return List.of(change(before, null, cause, false), change(null, after, cause, false));
    }
    return List.of(change(before, after, cause, after == null));
  }

  private static Change change(
      @Nullable Fact retracted, @Nullable Fact applied, WorkEvent cause, boolean voided) {
    return new Change(
        retracted, applied, cause.getEventId(), cause.getRecordedAt(), voided, new ArrayList<>());
  }

  private static boolean sameEntities(WorkEvent one, WorkEvent other) {
    for (EntityType entity : EntityType.values()) {
      if (!Objects.equals(FactKind.entityId(one, entity), FactKind.entityId(other, entity))) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable Fact standing(LedgerEntry entry) {
    List<WorkEvent> versions = entry.getVersions();
    if (versions.isEmpty() || versions.get(versions.size() - 1).getVoided()) {
      return null;
    }
    Fact standing = new VersionHistory(versions).standing();
    standing.setCountedBy(entry.getCountedBy());
    return standing;
  }
}
