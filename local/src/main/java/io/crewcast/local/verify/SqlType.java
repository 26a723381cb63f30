package io.crewcast.local.verify;

/** The types of values in the recomputation, each with what DuckDB keeps it as. */
enum SqlType {
  LONG("bigint"),
  DOUBLE("double"),
  BOOLEAN("boolean"),
  TEXT("varchar"),
  /** Microseconds since the epoch. */
  INSTANT("bigint"),
  /** Microseconds between two instants; only within an expression. */
  DURATION("bigint"),
  TEXTS("varchar[]"),
  DOUBLES("double[]");

  private final String sql;

  SqlType(String sql) {
    this.sql = sql;
  }

  /** The name of DuckDB's type. */
  String sql() {
    return sql;
  }

  boolean isNumber() {
    return this == LONG || this == DOUBLE;
  }
}
