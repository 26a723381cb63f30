package io.crewcast.local.verify;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A small random history with corrections, voids, repeats, moves and late arrivals, and its feature
 * rows by the most obvious program: every row is counted anew from all that its entity holds.
 */
public final class NaiveStream {

  static final long HOUR = 3_600_000_000L;
  static final long DAY = 24 * HOUR;
  private static final long FIRST = 20_000 * DAY;

  /** In the order of the visits. */
  static final List<String> ENTITIES =
      List.of("task", "project", "crew", "worker", "worker_project");

  /** Stands between the ids of a pair, and in none. */
  static final char PAIR = '\u0001';

  /** Ids of which pairs would be one where / or % were joined as they are. */
  private static final Map<String, String> LIKE =
      Map.of("w0", "w1%2F0", "w2", "w1/0", "p0", "0/p1");

  record Version(
      String kind,
      String factId,
      String eventId,
      long occurredAt,
      long recordedAt,
      boolean voided,
      @Nullable String task,
      @Nullable String project,
      @Nullable String crew,
      @Nullable String worker,
      long minutes,
      long overtime,
      @Nullable String status,
      @Nullable Double planned,
      @Nullable String phase,
      @Nullable String component) {

    @Nullable String names(String entity) {
      return switch (entity) {
        case "task" -> task;
        case "project" -> project;
        case "crew" -> crew;
        case "worker_project" -> worker == null || project == null ? null : worker + PAIR + project;
        default -> worker;
      };
    }

    /** The phase of the work; that of a defect was not found in the phase that made it. */
    @Nullable String originPhase() {
      return switch (kind) {
        case "task" -> phase;
        case "defect" -> phase == null ? null : phase.equals("phase0") ? "phase1" : "phase0";
        default -> null;
      };
    }
  }

  record Fact(Version version, @Nullable Long startedAt, long reassignments) {}

  record Held(Fact fact, @Nullable Boolean overran, @Nullable Long effort) {}

  record Row(
      String entity,
      String id,
      long asOf,
      long sequence,
      @Nullable String eventId,
      Map<String, @Nullable Object> features) {}

  private static final class Entity {
    long asOf;
    long sequence;
    final Map<String, Held> held = new HashMap<>();
  }

  private static final Comparator<Version> NEWER =
      Comparator.comparingLong(Version::recordedAt).thenComparing(Version::eventId);

  private final SplittableRandom random;
  private final List<Version> arrivals = new ArrayList<>();
  private final List<Row> rows = new ArrayList<>();
  private final Map<String, Map<String, Entity>> entities = new HashMap<>();

  public NaiveStream(long seed, int events) {
    random = new SplittableRandom(seed);
    arrive(events);
    apply();
  }

  List<Row> rows() {
    return rows;
  }

  private void arrive(int events) {
    var versions = new ArrayList<Version>();
    long now = FIRST;
    for (int i = 0; i < events; i++) {
      now += random.nextLong(random.nextInt(10) == 0 ? 6 * DAY : 6 * HOUR);
      versions.add(
          versions.isEmpty() || random.nextInt(4) > 0
              ? fresh(i, now)
              : correction(i, now, pick(versions)));
    }
    var late = new HashMap<Version, Long>();
    versions.forEach(
        v -> late.put(v, v.recordedAt + (random.nextInt(5) == 0 ? random.nextLong(4 * DAY) : 0)));
    versions.sort(Comparator.comparing((Version v) -> Objects.requireNonNull(late.get(v))));
    for (var version : versions) {
      arrivals.add(version);
      if (random.nextInt(20) == 0) {
        arrivals.add(pick(arrivals));
      }
    }
  }

  private Version fresh(int i, long now) {
    long occurred = now - (random.nextInt(6) == 0 ? random.nextLong(20 * DAY) : 0);
    String event = "e" + (9999 - i);
    return switch (random.nextInt(12)) {
      case 0 ->
          new Version(
              "defect",
              "d" + i,
              event,
              occurred,
              now,
              false,
              maybe("t", 12),
              id("p", 2),
              null,
              maybe("w", 3),
              0,
              0,
              null,
              null,
              phase(),
              maybe("m", 3));
      case 1 -> {
        var crew = id("c", 2);
        var worker = id("w", 3);
        yield new Version(
            "crew_membership",
            crew + "\u0001" + worker,
            event,
            occurred,
            now,
            false,
            null,
            null,
            crew,
            worker,
            0,
            0,
            random.nextBoolean() ? "JOINED" : "LEFT",
            null,
            null,
            null);
      }
      case 2, 3, 4, 5 -> {
        var task = id("t", 12);
        var status =
            List.of(
                    "CREATED",
                    "ASSIGNED",
                    "STARTED",
                    "STARTED",
                    "COMPLETED",
                    "COMPLETED",
                    "COMPLETED",
                    "REOPENED")
                .get(random.nextInt(8));
        yield new Version(
            "task",
            task,
            event,
            occurred,
            now,
            random.nextInt(12) == 0,
            task,
            id("p", 2),
            maybe("c", 2),
            maybe("w", 3),
            0,
            0,
            status,
            random.nextInt(6) == 0 ? null : 40.0 * random.nextInt(5),
            phase(),
            maybe("m", 3));
      }
      default -> {
        long minutes = random.nextInt(200);
        yield new Version(
            "time_entry",
            "n" + i,
            event,
            occurred,
            now,
            false,
            maybe("t", 12),
            id("p", 2),
            maybe("c", 2),
            id("w", 3),
            minutes,
            random.nextLong(minutes + 1),
            null,
            null,
            phase(),
            null);
      }
    };
  }

  private Version correction(int i, long now, Version v) {
    boolean voided = random.nextInt(3) == 0;
    boolean moves = random.nextBoolean() && v.kind.equals("time_entry");
    return new Version(
        v.kind,
        v.factId,
        "e" + (9999 - i),
        v.occurredAt - random.nextLong(3) * HOUR,
        random.nextInt(8) == 0 ? v.recordedAt : now,
        voided,
        moves ? maybe("t", 12) : v.task,
        moves ? id("p", 2) : v.project,
        moves ? maybe("c", 2) : v.crew,
        moves ? id("w", 3) : v.worker,
        v.minutes + random.nextInt(30),
        v.overtime,
        v.status,
        v.planned,
        v.phase,
        v.component);
  }

  private void apply() {
    var seen = new HashSet<String>();
    var known = new HashMap<String, List<Version>>();
    for (var arrival : arrivals) {
      if (!seen.add(arrival.eventId)) {
        continue;
      }
      var versions = known.computeIfAbsent(arrival.kind + arrival.factId, k -> new ArrayList<>());
      var before = standing(versions);
      versions.add(arrival);
      var after = standing(versions);
      if (Objects.equals(before, after)) {
        continue;
      }
      var names =
          List.<Function<Version, @Nullable String>>of(
              Version::task, Version::project, Version::crew, Version::worker);
      if (before != null
          && after != null
          && names.stream()
              .allMatch(n -> Objects.equals(n.apply(before.version), n.apply(after.version)))) {
        visit(before, after, arrival);
      } else if (before != null && after != null && overtakes(before, after)) {
        visit(null, after, arrival);
        visit(before, null, arrival);
      } else {
        if (before != null) {
          visit(before, null, arrival);
        }
        if (after != null) {
          visit(null, after, arrival);
        }
      }
    }
  }

  /** Two changes by different tasks may change places on their way to the project. */
  private boolean overtakes(Fact before, Fact after) {
    return !Objects.equals(before.version.task, after.version.task) && random.nextBoolean();
  }

  private static @Nullable Fact standing(List<Version> versions) {
    var sorted = versions.stream().sorted(NEWER).toList();
    if (sorted.isEmpty() || sorted.get(sorted.size() - 1).voided) {
      return null;
    }
    var last = sorted.get(sorted.size() - 1);
    if (!last.kind.equals("task")) {
      return new Fact(last, null, 0);
    }
    Long started = null;
    String worker = null;
    long moves = 0;
    for (var v : sorted) {
      if (v.voided) {
        started = null;
        worker = null;
        moves = 0;
        continue;
      }
      if ("STARTED".equals(v.status)) {
        started = started == null ? v.occurredAt : Math.min(started, v.occurredAt);
      }
      if (v.worker != null) {
        moves += worker == null || worker.equals(v.worker) ? 0 : 1;
        worker = v.worker;
      }
    }
    return new Fact(last, started, moves);
  }

  private void visit(@Nullable Fact retracted, @Nullable Fact applied, Version cause) {
    Long logged = null;
    for (var type : ENTITIES) {
      var id = Objects.requireNonNull(retracted != null ? retracted : applied).version.names(type);
      if (id == null || (cause.kind.equals("defect") && !type.equals("project"))) {
        continue;
      }
      var entity =
          entities
              .computeIfAbsent(type, t -> new HashMap<>())
              .computeIfAbsent(id, k -> new Entity());
      if (entity.sequence > 0 && random.nextInt(3) == 0) {
        long hours = (cause.recordedAt - entity.asOf) / HOUR;
        if (hours > 1) {
          entity.asOf = (entity.asOf / HOUR + 1 + random.nextLong(hours - 1)) * HOUR;
          var expired = NaiveFeatures.of(type, entity.held.values(), entity.asOf, null);
          rows.add(new Row(type, id, entity.asOf, entity.sequence, null, expired));
        }
      }
      entity.asOf = Math.max(entity.asOf, cause.recordedAt);
      entity.sequence++;
      if (retracted != null) {
        entity.held.remove(retracted.version.kind + retracted.version.eventId);
      }
      if (applied != null) {
        var v = applied.version;
        Boolean overran = null;
        Long effort = null;
        if ("COMPLETED".equals(v.status) && v.planned != null && v.planned > 0) {
          double actual = type.equals("task") ? 0 : Objects.requireNonNull(logged);
          overran = actual > 1.25 * v.planned;
          effort = Math.round(1e6 * (actual > 4 * v.planned ? 4 : actual / v.planned));
        }
        entity.held.put(v.kind + v.eventId, new Held(applied, overran, effort));
      }
      var subject = Objects.requireNonNull(applied != null ? applied : retracted).version;
      var features = NaiveFeatures.of(type, entity.held.values(), entity.asOf, subject);
      if (type.equals("task")) {
        logged = (Long) features.get("logged_minutes");
      }
      rows.add(new Row(type, id, entity.asOf, entity.sequence, cause.eventId, features));
    }
  }

  /** Writes the lake's tables as the job would. */
  public void write(Path lake) throws Exception {
    NaiveLake.write(lake, arrivals, rows);
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private String id(String prefix, int of) {
    var id = prefix + random.nextInt(of);
    return LIKE.getOrDefault(id, id);
  }

  private @Nullable String maybe(String prefix, int of) {
    return random.nextInt(4) == 0 ? null : id(prefix, of);
  }

  private @Nullable String phase() {
    return random.nextInt(5) == 0 ? null : id("phase", 2);
  }
}
