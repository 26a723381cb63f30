package io.crewcast.local.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.crewcast.features.definition.EntityDefinition;
import io.crewcast.features.definition.FeatureFileSchema;
import io.crewcast.features.definition.FeaturePage;
import io.crewcast.jobs.RedisOptions;
import io.crewcast.schemas.EntityType;
import io.crewcast.schemas.FeatureSchema;
import io.crewcast.schemas.FeatureSchema.Column;
import io.crewcast.schemas.Instants;
import io.crewcast.schemas.ValueType;
import io.crewcast.sinks.redis.FeastRepository;
import io.crewcast.sinks.redis.OnlineFeatures;
import io.crewcast.sinks.redis.OnlineFeatures.Row;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code features}: what is defined, and what an entity has. */
@Command(
    name = "features",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description =
        "Shows the features that are defined, those of an entity, and whether a lake's are right;"
            + " fills Redis anew.",
    subcommands = {
      Features.ListAll.class,
      Features.Get.class,
      VerifyFeatures.class,
      RepublishFeatures.class,
      Features.Export.class
    })
final class Features {
  private Features() {}

  /** {@code features list}: every column with type, unit and meaning. */
  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Lists every feature with its type, unit and meaning, by entity.")
  static final class ListAll implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Mixin private DefinitionsFolder definitions = new DefinitionsFolder();

    @Override
    public Integer call() throws IOException {
      PrintWriter out = spec.commandLine().getOut();
      for (EntityDefinition entity : definitions.load().entities()) {
        out.printf("%s: %s%n", entity.schema().name(), entity.about());
        for (Column column : entity.schema().columns()) {
          out.printf(
              "  %-32s %-8s %-8s %s%n",
              column.name(), column.type(), entity.unit(column.name()), column.doc());
        }
      }
      return 0;
    }
  }

  /** {@code features export}: the page and the schema that are made from the definitions. */
  @Command(
      name = "export",
      mixinStandardHelpOptions = true,
      description = {
        "Prints what is made from the feature files: docs/features.md, or a JSON Schema.",
        "Or writes a feature repository of Feast, with which its Python SDK reads Redis."
      })
  static final class Export implements Callable<Integer> {

    /** What can be made. */
    enum Format {
      /** A table an entity, with units and meanings. */
      MARKDOWN,
      /** What a feature file may hold, for editors. */
      JSON_SCHEMA,
      /** A feature repository, two files in a folder. */
      FEAST
    }

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FORMAT", description = "markdown, json_schema or feast.")
    private Format format = Format.MARKDOWN;

    @Option(
        names = "--out",
        paramLabel = "DIR",
        description = "Folder for the files of feast; it is made if it is not there.")
    private @Nullable Path out;

    @Option(
        names = "--lake",
        paramLabel = "DIR",
        defaultValue = "lake",
        description = "Where feast finds history: the lake (${DEFAULT-VALUE}).")
    private Path lake = Path.of("");

    @Mixin private Addresses.Redis redis = new Addresses.Redis();

    @Mixin private DefinitionsFolder definitions = new DefinitionsFolder();

    @Override
    public Integer call() throws IOException {
      if ((format == Format.FEAST) != (out != null)) {
        throw new ParameterException(
            spec.commandLine(),
            out == null ? "feast is files: name a folder with --out" : "--out goes with feast");
      }
      PrintWriter printed = spec.commandLine().getOut();
      switch (format) {
        case MARKDOWN -> printed.print(FeaturePage.markdown(definitions.load()));
        case JSON_SCHEMA ->
            printed.print(
                new ObjectMapper()
                        .writerWithDefaultPrettyPrinter()
                        .writeValueAsString(FeatureFileSchema.json())
                    + "\n");
        case FEAST -> printed.print(feast(Objects.requireNonNull(out)));
      }
      printed.flush();
      return 0;
    }

    private String feast(Path folder) throws IOException {
      var repository =
          new FeastRepository(
              served(definitions),
              URI.create(redis.uri),
              RedisOptions.TTL.defaultValue(),
              lake.toAbsolutePath().normalize().toString());
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("feature_store.yaml"), repository.configuration());
      Files.writeString(folder.resolve("features.py"), repository.definitions());
      return "%s: feature_store.yaml, features.py; feast apply reads them%n".formatted(folder);
    }
  }

  /** The kinds of entity that are in Redis. */
  private static List<FeatureSchema> served(DefinitionsFolder definitions) throws IOException {
    return definitions.load().schemas().values().stream()
        .filter(schema -> schema.entity() != EntityType.TASK)
        .toList();
  }

  /** {@code features get}: what Redis serves about entities. */
  @Command(
      name = "get",
      mixinStandardHelpOptions = true,
      description =
          "Reads the features of workers, projects or crews, or of workers in projects, from"
              + " Redis.")
  static final class Get implements Callable<Integer> {
    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(
        index = "0",
        paramLabel = "ENTITY",
        description = "worker, project, crew or worker_project.")
    private String entity = "";

    @Parameters(index = "1", paramLabel = "COMPANY", description = "The company's id.")
    private String company = "";

    @Parameters(
        index = "2..*",
        arity = "1..*",
        paramLabel = "ID",
        description = "The entities' ids; of each worker_project the worker's, then the project's.")
    private List<String> ids = List.of();

    @Option(
        names = "--stale-after",
        paramLabel = "DURATION",
        converter = Durations.class,
        description = "Say of which entities the features are as of longer ago than that: 1d.")
    private @Nullable Duration staleAfter;

    @Mixin private Addresses.Redis redis = new Addresses.Redis();

    @Mixin private DefinitionsFolder definitions = new DefinitionsFolder();

    @Override
    public Integer call() throws IOException {
      List<FeatureSchema> served = served(definitions);
      FeatureSchema schema =
          served.stream()
              .filter(candidate -> candidate.name().equals(entity))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "No features of '%s' are in Redis; choose one of %s"
                              .formatted(
                                  entity, served.stream().map(FeatureSchema::name).toList())));
      try (OnlineFeatures online = new OnlineFeatures(redis.address(), served)) {
        print(schema, online.read(schema.entity(), company, entityIds(schema)));
      }
      return 0;
    }

    private List<String> entityIds(FeatureSchema schema) {
      int each = schema.idFields().size();
      if (ids.size() % each != 0) {
        throw new ParameterException(
            spec.commandLine(),
            "A %s is named by %s: give %d, not %d"
                .formatted(entity, String.join(" and ", schema.idFields()), each, ids.size()));
      }
      List<String> entityIds = new ArrayList<>();
      for (int i = 0; i < ids.size(); i += each) {
        entityIds.add(FeatureSchema.entityId(schema.entity(), ids.subList(i, i + each)));
      }
      return entityIds;
    }

    private void print(FeatureSchema schema, List<Optional<Row>> rows) {
      PrintWriter out = spec.commandLine().getOut();
      Instant now = Instant.now();
      List<String> missing = new ArrayList<>();
      int each = schema.idFields().size();
      for (int i = 0; i < rows.size(); i++) {
        String name = String.join(" ", ids.subList(i * each, (i + 1) * each));
        if (rows.get(i).isEmpty()) {
          missing.add(name);
          continue;
        }
        Row row = rows.get(i).get();
        boolean stale = staleAfter != null && row.isStale(now, staleAfter);
        out.printf(
            "%s %s: as_of %s, sequence %d%s%n",
            entity, name, row.asOf(), row.sequence(), stale ? ", stale" : "");
        for (Column column : schema.columns()) {
          out.printf("  %-32s %s%n", column.name(), text(row, column));
        }
      }
      out.flush();
      if (!missing.isEmpty()) {
        throw new IllegalArgumentException(
            "Redis knows no %s %s of company %s: check the ids, and that a live job writes to it"
                .formatted(entity, String.join(", ", missing), company));
      }
    }

    private static String text(Row row, Column column) {
      Object value = row.values().get(column.name());
      if (value == null) {
        return row.absent().contains(column.name()) ? "(never written)" : "-";
      }
      return column.type() == ValueType.INSTANT
          ? Instants.ofMicros((Long) value).toString()
          : value.toString();
    }
  }
}
