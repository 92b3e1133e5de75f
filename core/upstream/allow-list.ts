import type { UpstreamConfig } from "../config/index.ts";
import { endpointOf } from "../net/endpoint.ts";
import { matchesOrigin, type OriginPattern, parseOriginPattern } from "../net/origin-pattern.ts";

/** Where a connection may go that the config does not name itself: a policy's `connect`, a server's redirect. */
export interface AllowList {
  /** @param patterns what the route allows beside the configured servers */
  isAllowed(url: string, patterns: readonly string[]): boolean;
}

/**
 * @param upstreams all that are configured, of routes or by name: their scheme, host and port may be dialled. Nothing
 *   else may be by default, so that no policy leads the gateway to an address inside by accident.
 */
export function createAllowList(upstreams: readonly (string | UpstreamConfig)[]): AllowList {
  const configured = upstreams
    .flatMap((upstream) =>
      typeof upstream === "string"
        ? [upstream]
        : upstream.targets.filter(({ socket }) => socket === undefined).map(({ url }) => url),
    )
    .flatMap((url) => patternOf(url) ?? []);
  const parsed = new Map<string, OriginPattern | undefined>();

  return {
    isAllowed(text, patterns) {
      const url = URL.parse(text);
      if (url === null) return false;
      if (configured.some((pattern) => matchesOrigin(pattern, url))) return true;
      return patterns.some((source) => {
        if (!parsed.has(source)) parsed.set(source, parseOriginPattern(source));
        const pattern = parsed.get(source);
        return pattern !== undefined && matchesOrigin(pattern, url);
      });
    },
  };
}

function patternOf(text: string): OriginPattern | undefined {
  const url = URL.parse(text);
  return url === null ? undefined : endpointOf(url);
}
