package io.crewcast.scoring.monitor;

import io.crewcast.scoring.drift.Watched;
import io.crewcast.scoring.model.InvalidModelException;
import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import io.crewcast.scoring.model.ModelSpec;
import io.crewcast.scoring.operator.FlinkModelStore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What is watched of each version, read once a task. Not thread-safe. */
final class WatchedVersions {

  private static final Duration AGAIN = Duration.ofHours(1);

  private final ModelDirectory directory;
  private final Map<String, ModelSpec> models;
  private final Map<String, Version> versions = new HashMap<>();

  /** Until when a fault is taken for lasting; a version may be seen a little after its answers. */
  private final Map<String, Instant> faultyUntil = new HashMap<>();

  /**
   * A version as far as it can be watched.
   *
   * @param watched none where it cannot
   * @param fault why it cannot, and what to do; null where it can
   */
  record Version(List<Watched> watched, @Nullable String fault) {}

  /**
   * @param directory that holds the versions, as a user named it
   */
  WatchedVersions(String directory, List<ModelSpec> models) {
    this.directory = FlinkModelStore.directory(directory);
    this.models = models.stream().collect(Collectors.toMap(ModelSpec::name, Function.identity()));
  }

  /** The model of that name; null where no file defines it. */
  @Nullable ModelSpec model(String name) {
    return models.get(name);
  }

  /**
   * @param at in event time; one that could not be watched is looked at again an hour later
   * @throws IOException if the directory cannot be read now
   */
  Version of(ModelSpec spec, int version, Instant at) throws IOException {
    String key = spec.name() + '/' + version;
    Version known = versions.get(key);
    if (known == null || !at.isBefore(faultyUntil.getOrDefault(key, Instant.MAX))) {
      known = read(spec, version);
      versions.put(key, known);
      if (known.fault() == null) {
        faultyUntil.remove(key);
      } else {
        faultyUntil.put(key, at.plus(AGAIN));
      }
    }
    return known;
  }

  private Version read(ModelSpec spec, int version) throws IOException {
    try {
      ModelDirectory.Version opened = directory.open(spec.name(), version);
      List<String> trained =
          opened.manifest().inputs().stream().map(ModelManifest.Input::name).toList();
      if (!trained.equals(spec.inputs().stream().map(ModelSpec.Input::name).toList())) {
        return new Version(
            List.of(),
            "version %d of %s has other inputs than its file now, so its drift is not told: train again"
                .formatted(version, spec.name()));
      }
      return opened
          .reference()
          .map(reference -> new Version(Watched.of(spec, reference), null))
          .orElseGet(
              () ->
                  new Version(
                      List.of(),
                      "version %d of %s has no reference.json, so its drift is not told: train it here"
                          .formatted(version, spec.name())));
    } catch (InvalidModelException e) {
      return new Version(List.of(), "drift is not told: " + e.getMessage());
    }
  }
}
