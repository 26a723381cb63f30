package io.crewcast.local.report;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.SerializerProvider;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;

/** Numbers to seven digits: more than a chart shows, and half of the bytes. */
final class SevenDigits extends JsonSerializer<Double> {

  @Override
  public void serialize(Double value, JsonGenerator json, SerializerProvider provider)
      throws IOException {
    json.writeNumber(new BigDecimal(value).round(MathContext.DECIMAL32).doubleValue());
  }
}
