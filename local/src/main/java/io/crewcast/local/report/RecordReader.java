package io.crewcast.local.report;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Struct;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes records of rows: a component of each column, in order; of a struct a record, of a list a
 * list. A number that is not finite is null: a page has nothing to draw of it.
 */
final class RecordReader {

  private RecordReader() {}

  static <R extends Record> List<R> read(ResultSet rows, Class<R> type) throws SQLException {
    List<R> records = new ArrayList<>();
    Object[] columns = new Object[rows.getMetaData().getColumnCount()];
    while (rows.next()) {
      for (int i = 0; i < columns.length; i++) {
        columns[i] = rows.getObject(i + 1);
      }
      records.add(record(columns, type));
    }
    return records;
  }

  private static <R extends Record> R record(@Nullable Object[] columns, Class<R> type)
      throws SQLException {
    RecordComponent[] components = type.getRecordComponents();
    if (components.length != columns.length) {
      throw new IllegalArgumentException(
          "%s has %d components, the row %d columns"
              .formatted(type.getSimpleName(), components.length, columns.length));
    }
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      values[i] = value(columns[i], components[i].getGenericType());
    }
    try {
      return type.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(type + " cannot be made of a row", e);
    }
  }

  private static @Nullable Object value(@Nullable Object raw, Type type) throws SQLException {
    if (raw == null) {
      return null;
    }
    if (type instanceof ParameterizedType list) {
      List<@Nullable Object> items = new ArrayList<>();
      for (Object item : (Object[]) ((Array) raw).getArray()) {
        items.add(value(item, list.getActualTypeArguments()[0]));
      }
      return items;
    }
    Class<?> wanted = (Class<?>) type;
    if (wanted.isRecord()) {
      return record(((Struct) raw).getAttributes(), wanted.asSubclass(Record.class));
    }
    if (raw instanceof Number number) {
      return number(number, wanted);
    }
    return wanted == String.class ? raw.toString() : raw;
  }

  private static @Nullable Object number(Number number, Class<?> wanted) {
    if (wanted == double.class || wanted == Double.class) {
      double value = number.doubleValue();
      return Double.isFinite(value) ? value : null;
    }
    return wanted == int.class || wanted == Integer.class
        ? (Object) number.intValue()
        : (Object) number.longValue();
  }
}
