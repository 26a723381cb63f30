package io.crewcast.scoring.training;

/** Is told how training goes on. */
public interface TrainingWatch {

  /** Tells nobody. */
  TrainingWatch NOBODY =
      new TrainingWatch() {
        @Override
        public void says(String line) {}

        @Override
        public void boosted() {}
      };

  /** Something worth reading. */
  void says(String line);

  /** One more round of boosting is done. */
  void boosted();
}
