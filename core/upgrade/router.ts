/**
 * Finds the route for a path. Of all patterns that match, the most specific wins, whatever the order they are given
 * in: segment by segment from the left, a literal goes before a parameter, a parameter before `*`.
 */
export interface Router<Route> {
  find(
    path: string,
  ): { readonly route: Route; readonly params: Readonly<Record<string, string>> } | undefined;
}

interface Pattern<Route> {
  readonly segments: readonly string[];
  /** One digit a segment: 2 literal, 1 parameter, 0 wildcard. Sorts as it reads. */
  readonly rank: string;
  readonly route: Route;
}

export function createRouter<Route extends { readonly path: string }>(
  routes: readonly Route[],
): Router<Route> {
  const patterns: readonly Pattern<Route>[] = routes
    .map((route) => {
      const segments = route.path.slice(1).split("/");
      return { segments, rank: segments.map(rankOf).join(""), route };
    })
    .sort((a, b) => (a.rank < b.rank ? 1 : -1));

  function findBy(segments: readonly string[]): ReturnType<Router<Route>["find"]> {
    for (const pattern of patterns) {
      const params = match(pattern.segments, segments);
      if (params !== undefined) return { route: pattern.route, params };
    }
    return undefined;
  }

  return {
    find(path) {
      const segments = decodePath(path);
      if (segments === undefined) return undefined;
      const found = findBy(segments);
      const other = readLoosely(segments);
      if (other === undefined) return found;
      // The server must not see a path that another route, with other policies, stands for.
      const rival = findBy(other);
      return rival === undefined || rival.route === found?.route ? found : undefined;
    },
  };
}

/**
 * The path as a loose server reads it: encoded slashes divide it, slashes are merged, and what follows a `;` in a
 * segment is a parameter of it. Undefined when there is nothing of that in it.
 */
function readLoosely(segments: readonly string[]): readonly string[] | undefined {
  if (!segments.some((segment) => /[/;]/.test(segment))) return undefined;
  return segments
    .flatMap((segment) => segment.split("/"))
    .map(withoutParameters)
    .filter((segment, index, all) => segment !== "" || index === all.length - 1);
}

function withoutParameters(segment: string): string {
  return segment.split(";", 1)[0];
}

/**
 * The decoded segments of a request's path; undefined when it cannot be matched safely: broken percent-encoding, or
 * what the server behind might resolve to a path of another route: `.` and `..` segments (also between encoded
 * slashes, and with `;` behind them), an empty segment before the last (many servers merge slashes), a backslash, a fragment, NUL.
 */
export function decodePath(path: string): readonly string[] | undefined {
  if (!path.startsWith("/") || path.includes("#")) return undefined;
  try {
    const segments = path.slice(1).split("/").map(decodeURIComponent);
    const isAmbiguous = segments.some(
      (segment, index) => isUnsafe(segment) || (segment === "" && index < segments.length - 1),
    );
    return isAmbiguous ? undefined : segments;
  } catch {
    return undefined;
  }
}

function isUnsafe(segment: string): boolean {
  return /[\\\0]/.test(segment) || segment.split("/").map(withoutParameters).some(isDots);
}

function isDots(part: string): boolean {
  return part === "." || part === "..";
}

function match(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (let i = 0; i < pattern.length; i++) {
    const expected = pattern[i];
    if (expected === "*" && i === pattern.length - 1) {
      return segments.length >= pattern.length ? params : undefined;
    }
    const segment = segments[i];
    if (segment === undefined) return undefined;
    if (expected.startsWith(":")) {
      if (segment === "") return undefined;
      params[expected.slice(1)] = segment;
    } else if (segment !== expected) {
      return undefined;
    }
  }
  return segments.length === pattern.length ? params : undefined;
}

function rankOf(segment: string): string {
  if (segment === "*") return "0";
  return segment.startsWith(":") ? "1" : "2";
}
