package io.crewcast.scoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Figures of other projects that ours must reproduce. */
public final class Vectors {

  private Vectors() {}

  /**
   * The elements of a list.
   *
   * @param file such as {@code growthbook_stats.json}
   * @param path to the list, such as {@code /srm/cases}
   */
  public static Stream<JsonNode> of(String file, String path) {
    try (InputStream in = Vectors.class.getResourceAsStream("/vectors/" + file)) {
      JsonNode list = new ObjectMapper().readTree(in).at(path);
      if (list.isEmpty()) {
        throw new AssertionError(file + " has nothing at " + path);
      }
      return StreamSupport.stream(list.spliterator(), false);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  public static double[] doubles(JsonNode numbers) {
    return StreamSupport.stream(numbers.spliterator(), false)
        .mapToDouble(JsonNode::asDouble)
        .toArray();
  }
}
