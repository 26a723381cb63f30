package io.crewcast.local.verify;

import static java.util.stream.Collectors.joining;

import io.crewcast.local.lake.Database;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads events as versions of facts and finds, with the rows that were emitted, which of them stood
 * from when until when. An event may be archived more than once.
 */
final class EventHistory {

  /** Fields that say something over all versions, by the kind of fact that has them. */
  private static final Map<String, String> OF_VERSIONS =
      Map.of("status", "task", "scope", "project");

  private static final List<String> ENTITY_IDS =
      FeatureFiles.ENTITIES.stream().flatMap(e -> EntityFile.ids(e).stream()).distinct().toList();

  private final Database sql;
  private final Selection selection;
  private final Map<String, Set<String>> used;

  /**
   * @param used the fields that features are made of, by kind of fact
   */
  EventHistory(Database sql, Selection selection, Map<String, Set<String>> used) {
    this.sql = sql;
    this.selection = selection;
    this.used = used;
  }

  /**
   * Makes the tables of {@code changes.sql} and, for each kind of fact, {@code fields_<kind>}.
   *
   * @param events SQL for the archived events
   * @param deadLetters SQL for partition and offset of records that changed nothing; null for none
   * @return when the newest of these events was appended, microseconds
   */
  long load(String events, @Nullable String deadLetters) throws SQLException {
    Map<String, String> columns = sql.columns("select * from " + events);
    List<String> kinds = EventFields.KINDS.stream().filter(columns::containsKey).toList();
    List<String> payloads = new ArrayList<>();
    for (String kind : kinds) {
      payloads.add(payload(kind, Sql.at(columns, kind)));
    }
    sql.run(
        """
        create table work_event as
        select event_id, company_id, kind, voided, %s as source,
               epoch_us(occurred_at) as occurred_at, epoch_us(coalesce(recorded_at, occurred_at)) as recorded_at,
               %s,
               kafka_partition, kafka_offset, appended_at, %s as settled
        from %s
        """
            .formatted(
                columns.containsKey("source") ? "source" : "'unknown'",
                String.join(",\n       ", payloads),
                selection.publishedWithin() == null ? SettledEvents.SURELY : "settled",
                events));
    if (deadLetters != null) {
      leaveOut(deadLetters);
    }
    sql.run(
        """
        create table version as
        select * exclude (kafka_partition, kafka_offset, appended_at),
               row_number() over (order by appended_at, kafka_partition, kafka_offset) as arrived
        from (%s)
        """
            .formatted(
                kinds.stream()
                    .map(EventHistory::versions)
                    .collect(joining(" union all by name "))));
    if (selection.publishedWithin() != null) {
      SettledEvents.keep(sql);
    }
    long newest =
        sql.number(
            "select epoch_us(max(appended_at)) from work_event w semi join version v on v.event_row"
                + " = w.rowid");
    sql.script(
        EventHistory.class,
        "changes.sql",
        Map.of(
            "status_minutes",
            EventFields.statusMinutes(),
            "pair",
            EntityFile.id("worker_project"),
            "chosen",
            selection.chooses("company_id", "id"),
            "waits",
            selection.publishedWithin() == null
                ? "false"
                : "event_id is not null and event_no is null"));
    for (String kind : EventFields.KINDS) {
      keepFields(kind, kinds.contains(kind));
    }
    sql.run("drop table work_event");
    return newest;
  }

  /** Of a payload only what is used: DuckDB then reads no more than that. */
  private String payload(String kind, String struct) {
    Set<String> fields = new LinkedHashSet<>(EventFields.identity(kind));
    ENTITY_IDS.stream().filter(id -> EventFields.isOfPayload(kind, id)).forEach(fields::add);
    OF_VERSIONS.forEach(
        (field, of) -> {
          if (kind.equals(of)) {
            fields.add(field);
          }
        });
    used(kind).stream().flatMap(field -> EventFields.readFrom(kind, field)).forEach(fields::add);
    return fields.stream()
        .map(
            field ->
                "'%s': %s"
                    .formatted(
                        field,
                        struct.matches("(?s).*[(, ]\"?" + field + "\"? .*")
                            ? "%s.%s".formatted(kind, field)
                            : missing(kind, field)))
        .collect(joining(", ", "{", "} as " + kind));
  }

  /** Nothing, of the type that the field has where it is. */
  private static String missing(String kind, String field) {
    SqlValue value = EventFields.field(kind, field);
    if (value == null) {
      return "null";
    }
    return value.type() == SqlType.INSTANT
        ? "cast(null as timestamp with time zone)"
        : "cast(null as %s)".formatted(value.type().sql());
  }

  /**
   * A correction that came too late is archived too, and changed nothing; sent again, it is a
   * repeat.
   */
  private void leaveOut(String deadLetters) throws SQLException {
    sql.run(
        """
        delete from work_event w
        using (
          select company_id, event_id
          from work_event e
          semi join %s d on d.partition = e.kafka_partition and d.offset = e.kafka_offset) late
        where late.company_id = w.company_id and late.event_id = w.event_id
        """
            .formatted(deadLetters));
  }

  private static String versions(String kind) {
    Map<String, String> columns = new LinkedHashMap<>();
    columns.put(
        "fact_id",
        EventFields.identity(kind).stream()
            .map(field -> "%s.%s".formatted(kind, field))
            .collect(joining(" || chr(1) || ")));
    for (String id : ENTITY_IDS) {
      columns.put(
          id,
          EventFields.isOfPayload(kind, id)
              ? "%s.%s".formatted(kind, id)
              : "cast(null as varchar)");
    }
    OF_VERSIONS.forEach(
        (field, of) ->
            columns.put(field, kind.equals(of) ? of + "." + field : "cast(null as varchar)"));
    return """
    select rowid as event_row, event_id, company_id, kind, occurred_at, recorded_at, voided,
           kafka_partition, kafka_offset, appended_at, settled, %s
    from work_event where kind = '%s'
    """
        .formatted(
            columns.entrySet().stream()
                .map(column -> column.getValue() + " as " + column.getKey())
                .collect(joining(", ")),
            kind);
  }

  /** Of a kind that was not archived too, for the sake of the columns. */
  private void keepFields(String kind, boolean archived) throws SQLException {
    StringBuilder fields = new StringBuilder();
    for (String name : used(kind)) {
      SqlValue field = EventFields.field(kind, name);
      if (field != null && !EventFields.isOfHistory(kind, name)) {
        fields.append(
            ", cast(%s as %s) as f_%s"
                .formatted(archived ? field.sql() : "null", field.type().sql(), name));
      }
    }
    sql.run(
        """
        create table fields_%1$s as
        select r.event_no%2$s
        from ranked r join work_event w on w.rowid = r.event_row
        where r.kind = '%1$s'
        """
            .formatted(kind, fields));
  }

  private Set<String> used(String kind) {
    return used.getOrDefault(kind, Set.of());
  }
}
