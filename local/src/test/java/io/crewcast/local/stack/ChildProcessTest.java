package io.crewcast.local.stack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {
  @TempDir private Path folder;

  @Test
  void endsItsServerWhenThisJvmIsKilled() throws Exception {
    Process parent =
        new ProcessBuilder(
                Machine.java(),
                "-cp",
                System.getProperty("java.class.path"),
                Parent.class.getName(),
                folder.resolve("log").toString())
            .start();
    parent.inputReader().readLine();
    List<ProcessHandle> children = parent.descendants().toList();
    assertThat(children).hasSizeGreaterThanOrEqualTo(3);

    parent.destroyForcibly().waitFor();

    for (ProcessHandle child : children) {
      child.onExit().get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void saysWhereToLookWhenAServerEndsAtItsStart() {
    try (ChildProcess process =
        ChildProcess.start(
            "the server", folder.resolve("log"), List.of("/bin/sh", "-c", "exit 3"))) {
      assertThatThrownBy(() -> process.awaitReady(() -> false, Duration.ofSeconds(20)))
          .isInstanceOf(StackException.class)
          .hasMessageContaining("the server ended with status 3")
          .hasMessageContaining(folder.resolve("log").toString());
    }
  }

  /** A JVM that holds a server, until it is killed. */
  static final class Parent {
    private Parent() {}

    public static void main(String[] arguments) throws Exception {
      ChildProcess.start("sleep", Path.of(arguments[0]), List.of("sleep", "600"));
      System.out.println("started");
      Thread.currentThread().join();
    }
  }
}
