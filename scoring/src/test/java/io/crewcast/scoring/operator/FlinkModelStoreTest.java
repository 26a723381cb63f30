package io.crewcast.scoring.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crewcast.scoring.model.ModelDirectory;
import io.crewcast.scoring.model.ModelManifest;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.FileSystemFactory;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FlinkModelStoreTest {

  private static final byte[] TREES = "trees".getBytes(StandardCharsets.UTF_8);

  @TempDir static Path directory;

  /** A file system of another scheme; its root is the test's directory. */
  public static final class Shelf implements FileSystemFactory {
    @Override
    public String getScheme() {
      return "shelf";
    }

    @Override
    public FileSystem create(URI uri) {
      return new LocalFileSystem() {
        @Override
        public File pathToFile(org.apache.flink.core.fs.Path path) {
          return new File(directory + "/shelf/" + path.getPath());
        }

        @Override
        public URI getUri() {
          return URI.create("shelf:///");
        }
      };
    }
  }

  private static ModelDirectory models(String at) {
    return FlinkModelStore.directory(at.replace("DIRECTORY", directory.toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"shelf:/models", "file://DIRECTORY/uri", "DIRECTORY/local"})
  void readsWhatWasPublished(String at) throws IOException {
    ModelDirectory models = models(at);
    assertThat(models.names()).isEmpty();
    assertThat(models.newest("overrun")).isEmpty();
    publish(models, 1);
    publish(models, 10);
    publish(models, 9);

    assertThat(models.names()).containsExactly("overrun");
    assertThat(models.versions("overrun")).containsExactly(1, 9, 10);
    assertThat(models.open("overrun", 9).trees()).isEqualTo(TREES);
    assertThatThrownBy(() -> publish(models, 9)).isInstanceOf(FileAlreadyExistsException.class);
    assertThatThrownBy(() -> models.open("overrun", 2))
        .hasMessageStartingWith(models.store().root() + "/overrun/2/model.yaml is not there");
  }

  @Test
  void keepsFilesWhereTheFileSystemHasThem() throws IOException {
    publish(models("shelf:/kept"), 1);
    assertThat(directory.resolve("shelf/kept/overrun/1/model.ubj")).hasBinaryContent(TREES);
  }

  @Test
  void doesNotSeeAVersionBeforeItIsWholeAndWritesItAnew() throws IOException {
    ModelDirectory models = models("shelf:/torn");
    Path torn = Files.createDirectories(directory.resolve("shelf/torn/overrun/1"));
    Files.writeString(torn.resolve("model.ubj"), "half of it");
    assertThat(models.versions("overrun")).isEmpty();
    publish(models, 1);
    assertThat(models.open("overrun", 1).trees()).isEqualTo(TREES);
  }

  @Test
  void refusesAFileThatIsNotWhatWasPublished() throws IOException {
    ModelDirectory models = models("shelf:/changed");
    publish(models, 1);
    Files.writeString(directory.resolve("shelf/changed/overrun/1/model.ubj"), "other");
    assertThatThrownBy(() -> models.open("overrun", 1))
        .hasMessage(
            "shelf:/changed/overrun/1/model.ubj is not the file that was trained: restore it or train again");
  }

  private static void publish(ModelDirectory models, int version) throws IOException {
    models.publish(
        new ModelManifest(
            "overrun",
            version,
            "binary:logistic",
            List.of(),
            List.of("score"),
            null,
            Map.of(),
            Map.of(),
            1,
            "nothing",
            Map.of(),
            null,
            null),
        Map.of(ModelDirectory.TREES, TREES));
  }
}
