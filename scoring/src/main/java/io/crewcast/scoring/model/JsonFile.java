package io.crewcast.scoring.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** Files of a version that are JSON. */
final class JsonFile {

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private JsonFile() {}

  /**
   * Its content.
   *
   * @param path of the file, for the message of a fault
   * @throws InvalidModelException if it is not what training writes
   */
  static <T> T read(String path, byte[] file, Class<T> type) {
    try {
      return JSON.readValue(file, type);
    } catch (IOException e) {
      throw new InvalidModelException(path + " cannot be read: train again", e);
    }
  }

  static byte[] bytes(Object content) {
    try {
      return JSON.writeValueAsBytes(content);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("what a version says is numbers and texts", e);
    }
  }
}
