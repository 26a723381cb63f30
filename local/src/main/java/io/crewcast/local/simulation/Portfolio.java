package io.crewcast.local.simulation;

import io.crewcast.schemas.Project;
import io.crewcast.schemas.ProjectStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** The projects of a company, one after the other at each of its places, and what they tell. */
final class Portfolio {
  private static final List<String> SCOPES = List.of("first", "second", "third", "fourth");

  private final World.Company company;
  private final Chronicle chronicle;
  private final double minutesADay;
  private final SplittableRandom random;
  private final List<List<LiveProject>> places = new ArrayList<>();
  private final List<Stall> stalls = new ArrayList<>();
  private int begun;

  /**
   * A portfolio whose first projects begin at a time.
   *
   * @param minutesADay work done on one project in a day, as far as one can plan
   */
  Portfolio(
      World.Company company,
      Instant start,
      double minutesADay,
      Chronicle chronicle,
      SplittableRandom random) {
    this.company = company;
    this.chronicle = chronicle;
    this.minutesADay = minutesADay;
    this.random = random;
    for (int place = 0; place < company.projects(); place++) {
      places.add(new ArrayList<>());
      begin(place, start.plus(Duration.ofMinutes(random.nextInt(300))));
    }
  }

  int places() {
    return places.size();
  }

  List<Stall> stalls() {
    return stalls;
  }

  /** The newest project of a place that had begun by then. */
  LiveProject at(int place, Instant now) {
    List<LiveProject> projects = places.get(place);
    for (int p = projects.size() - 1; p > 0; p--) {
      if (!projects.get(p).startedAt.isAfter(now)) {
        return projects.get(p);
      }
    }
    return projects.get(0);
  }

  /** Takes a task in hand, and what follows: another scope, a stall, the next project. */
  void take(LiveProject project, int minutes, Instant now) {
    project.take(minutes);
    if (project.changesScope()) {
      tell(project, ProjectStatus.ACTIVE, now);
    }
    Stall stall = project.stallsFrom(now, random);
    if (stall != null) {
      stalls.add(stall);
    }
    int place = placeOf(project);
    List<LiveProject> projects = places.get(place);
    if (project.isAllTaken() && projects.get(projects.size() - 1) == project) {
      begin(place, now.plus(Duration.ofMinutes(1)));
    }
  }

  private int placeOf(LiveProject project) {
    for (int place = 0; place < places.size(); place++) {
      if (places.get(place).contains(project)) {
        return place;
      }
    }
    throw new IllegalStateException(project.id + " is at no place");
  }

  /** Tells the end of every project that has come to it. */
  void close() {
    for (List<LiveProject> projects : places) {
      for (LiveProject project : projects) {
        Instant end = project.end();
        if (end != null) {
          tell(project, ProjectStatus.COMPLETED, end.plusSeconds(random.nextInt(86_400)));
        }
      }
    }
  }

  private void begin(int place, Instant at) {
    double crewEffect =
        company.crews().stream()
            .filter(crew -> company.home(crew) == place)
            .mapToDouble(World.Crew::chemistry)
            .average()
            .orElse(0);
    LiveProject project =
        new LiveProject("project-" + ++begun, company, crewEffect, at, random.split());
    places.get(place).add(project);
    tell(project, ProjectStatus.ACTIVE, at);
  }

  private void tell(LiveProject project, ProjectStatus status, Instant at) {
    String what =
        status == ProjectStatus.COMPLETED
            ? "-completed"
            : at.equals(project.startedAt) ? "-active" : "-scope-" + project.scope();
    Project payload =
        Project.newBuilder()
            .setProjectId(project.id)
            .setStatus(status)
            .setType(project.complexity > 3 ? "platform" : "application")
            .setComplexity((double) project.complexity)
            .setPhases(Arrays.stream(World.Phase.values()).map(World.Phase::label).toList())
            .setBudgetMinutes(project.budgetMinutes)
            .setBudgetCents(project.budgetMinutes * 130)
            .setScope(SCOPES.get(project.scope()))
            .setStartedAt(project.startedAt)
            .setDueAt(
                project.startedAt.plus(
                    Duration.ofHours(Math.round(24 * project.budgetMinutes / minutesADay))))
            .build();
    chronicle.tell(company, project.id + what, at, payload);
  }
}
