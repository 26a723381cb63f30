package io.crewcast.local.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One self-contained page: markup and style, the report as JSON, and the scripts that draw it. Its
 * policy lets the browser run these scripts alone and load nothing.
 */
final class ReportPage {

  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new SimpleModule().addSerializer(Double.class, new SevenDigits()))
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .build();

  /** In the order in which they run; the last one draws the page. */
  private static final List<String> SCRIPTS =
      List.of(
          "words.js",
          "elements.js",
          "charts.js",
          "glance.js",
          "served.js",
          "performance.js",
          "calibration.js",
          "drift.js",
          "importance.js",
          "experiments.js",
          "quality.js",
          "alerts.js",
          "page.js");

  private static final Pattern PART = Pattern.compile("\\{(hashes|style|data|scripts)}");

  private static final String D3 = "/META-INF/resources/webjars/d3/";

  private ReportPage() {}

  static String of(LakeReport report) throws IOException {
    StringBuilder scripts = new StringBuilder();
    StringBuilder hashes = new StringBuilder();
    add(d3(), scripts, hashes);
    for (String name : SCRIPTS) {
      add(text(name), scripts, hashes);
    }
    Map<String, String> parts =
        Map.of(
            "hashes", hashes.toString(),
            "style", text("page.css"),
            "data", data(report),
            "scripts", scripts.toString());
    // In one pass: what a part holds is never taken for another part.
    return PART.matcher(text("page.html"))
        .replaceAll(part -> Matcher.quoteReplacement(parts.get(part.group(1))));
  }

  /** JSON in which no text of the data can end the element that holds it. */
  static String data(LakeReport report) throws IOException {
    return JSON.writeValueAsString(report)
        .replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029");
  }

  private static void add(String script, StringBuilder scripts, StringBuilder hashes) {
    scripts.append("<script>").append(script).append("</script>\n");
    hashes.append(" 'sha256-").append(sha256(script)).append('\'');
  }

  /** With its licence, which asks to be kept with each copy. */
  private static String d3() throws IOException {
    Properties version = new Properties();
    try (InputStream in = open("/META-INF/maven/org.webjars.npm/d3/pom.properties")) {
      version.load(in);
    }
    String folder = D3 + version.getProperty("version") + "/";
    return "/*\n" + text(folder + "LICENSE") + "*/\n" + text(folder + "dist/d3.min.js");
  }

  private static String sha256(String script) {
    try {
      byte[] bytes = script.getBytes(StandardCharsets.UTF_8);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  private static String text(String resource) throws IOException {
    try (InputStream in = open(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static InputStream open(String resource) throws IOException {
    InputStream in = ReportPage.class.getResourceAsStream(resource);
    if (in == null) {
      throw new IOException("The build lacks " + resource + ": build it again");
    }
    return in;
  }
}
