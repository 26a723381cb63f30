package io.crewcast.scoring.tree;

import java.math.BigDecimal;
import java.math.MathContext;

/**
 * {@code expf} and {@code logf} as the C library computes them, so that a score has XGBoost's bits.
 *
 * <p>Rounding {@link Math#exp} to a float differs in the last bit for about one argument in 25,000.
 * Algorithm and constants: Arm Optimized Routines, which glibc (2.27 on), musl and Bionic share.
 */
final class FloatMath {

  private static final int N = 32;
  private static final double INVERSE_LN2_N = 0x1.71547652b82fep0 * N;
  private static final double SHIFT = 0x1.8p52;
  private static final double E3 = 0x1.c6af84b912394p-5 / N / N / N;
  private static final double E2 = 0x1.ebfce50fac4f3p-3 / N / N;
  private static final double E1 = 0x1.62e42ff0c52d6p-1 / N;
  private static final long[] POWERS_OF_TWO = powersOfTwo();

  private static final double LN2 = 0x1.62e42fefa39efp-1;
  private static final double L4 = -0x1.00ea348b88334p-2;
  private static final double L3 = 0x1.5575b0be00b6ap-2;
  private static final double L2 = -0x1.ffffef20a4123p-2;
  private static final int LOG_OFFSET = 0x3f330000;
  private static final double[] INVERSE_C = {
    0x1.661ec79f8f3bep+0, 0x1.571ed4aaf883dp+0, 0x1.49539f0f010bp+0, 0x1.3c995b0b80385p+0,
    0x1.30d190c8864a5p+0, 0x1.25e227b0b8eap+0, 0x1.1bb4a4a1a343fp+0, 0x1.12358f08ae5bap+0,
    0x1.0953f419900a7p+0, 0x1p+0, 0x1.e608cfd9a47acp-1, 0x1.ca4b31f026aap-1,
    0x1.b2036576afce6p-1, 0x1.9c2d163a1aa2dp-1, 0x1.886e6037841edp-1, 0x1.767dcf5534862p-1
  };
  private static final double[] LOG_C = {
    -0x1.57bf7808caadep-2, -0x1.2bef0a7c06ddbp-2, -0x1.01eae7f513a67p-2, -0x1.b31d8a68224e9p-3,
    -0x1.6574f0ac07758p-3, -0x1.1aa2bc79c81p-3, -0x1.a4e76ce8c0e5ep-4, -0x1.1973c5a611cccp-4,
    -0x1.252f438e10c1ep-5, 0x0p+0, 0x1.aa5aa5df25984p-5, 0x1.c5e53aa362eb4p-4,
    0x1.526e57720db08p-3, 0x1.bc2860d22477p-3, 0x1.1058bc8a07ee1p-2, 0x1.4043057b6ee09p-2
  };

  private FloatMath() {}

  /** e to the power of {@code x}. */
  static float exp(float x) {
    if (Math.abs(x) >= 88 || Float.isNaN(x)) {
      if (Float.isNaN(x) || x == Float.POSITIVE_INFINITY || x > 0x1.62e42ep6f) {
        return x > 0 ? Float.POSITIVE_INFINITY : x;
      }
      if (x < -0x1.9fe368p6f) {
        return 0;
      }
    }
    double scaled = INVERSE_LN2_N * x;
    double shifted = scaled + SHIFT;
    long k = Double.doubleToRawLongBits(shifted);
    double r = scaled - (shifted - SHIFT);
    double scale = Double.longBitsToDouble(POWERS_OF_TWO[(int) (k & (N - 1))] + (k << (52 - 5)));
    double high = Math.fma(E3, r, E2);
    double low = Math.fma(E1, r, 1);
    return (float) (Math.fma(high, r * r, low) * scale);
  }

  /** The natural logarithm of {@code x}. */
  static float log(float x) {
    if (!(x >= Float.MIN_NORMAL && x < Float.POSITIVE_INFINITY)) {
      return (float) Math.log(x);
    }
    int bits = Float.floatToRawIntBits(x);
    if (bits == 0x3f800000) {
      return 0;
    }
    int offset = bits - LOG_OFFSET;
    int i = (offset >>> (23 - 4)) & 15;
    int exponent = offset >> 23;
    double z = Float.intBitsToFloat(bits - (offset & 0xff800000));
    double r = Math.fma(z, INVERSE_C[i], -1);
    double base = Math.fma(exponent, LN2, LOG_C[i]);
    double r2 = r * r;
    double y = Math.fma(L4, r2, Math.fma(L3, r, L2));
    return (float) Math.fma(y, r2, base + r);
  }

  /**
   * Bits of 2^(i/32), less i in units of the exponent's lowest bits, so that adding k restores it.
   */
  private static long[] powersOfTwo() {
    MathContext digits = new MathContext(50);
    BigDecimal root = BigDecimal.valueOf(2);
    for (int halvings = 0; halvings < 5; halvings++) {
      root = root.sqrt(digits);
    }
    long[] table = new long[N];
    BigDecimal power = BigDecimal.ONE;
    for (int i = 0; i < N; i++) {
      table[i] = Double.doubleToRawLongBits(power.doubleValue()) - ((long) i << (52 - 5));
      power = power.multiply(root, digits);
    }
    return table;
  }
}
