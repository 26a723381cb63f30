package io.crewcast.schemas.serde;

import java.net.URI;

/** An address of a server that speaks HTTP. */
public final class HttpUrl {

  private HttpUrl() {}

  /** Whether a text is {@code http://host:port}, with a path or not, or the same with https. */
  public static boolean isOne(String text) {
    try {
      URI uri = URI.create(text);
      // no host: it is null where a name holds an underscore, as Docker's may
      return uri.getRawAuthority() != null
          && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
    } catch (IllegalArgumentException unused) { // no URI at all
      return false;
    }
  }
}
