package io.crewcast.scoring.experiment;

import io.crewcast.scoring.statistics.Corrections;
import java.util.Locale;

/** How the goals of an experiment are judged together. */
public enum Correction {
  /** Any false discovery is as likely as alpha says. */
  HOLM {
    @Override
    public double[] adjust(double[] p) {
      return Corrections.holm(p);
    }
  },
  /** The share of false ones among discoveries is what alpha says: Benjamini and Hochberg. */
  BH {
    @Override
    public double[] adjust(double[] p) {
      return Corrections.benjaminiHochberg(p);
    }
  };

  /** See {@link Corrections}. */
  public abstract double[] adjust(double[] p);

  /** As files have it. */
  public String yamlName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
