/**
 * What a route's path must be, if this one is not: literal segments, `:name` for one segment, a final `*` for the rest.
 * Undefined for a path that is fine.
 */
export function findPathProblem(path: string): string | undefined {
  if (!path.startsWith("/")) return "a path that begins with `/`";
  if (/[?#]/.test(path)) return "a path without a query or fragment";
  if (/[\s%\\]/.test(path)) return "a path without spaces, `%` or `\\` (paths are matched percent-decoded)";
  const segments = path.slice(1).split("/");
  const names = new Set<string>();
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === "" && !isLast) return "a path without empty segments";
    if (segment.includes("*") && !(segment === "*" && isLast))
      return "a path with `*` only as the whole last segment";
    if (segment === "." || segment === "..") return "a path without `.` and `..` segments";
    if (!segment.includes(":")) continue;
    if (!/^:[A-Za-z_]\w*$/.test(segment)) return "a path whose parameters are whole segments such as `:id`";
    if (names.has(segment)) return `a path that names \`${segment}\` only once`;
    names.add(segment);
  }
  return undefined;
}

/** Two paths with the same key match the same requests: the names of parameters do not count. */
export function pathKey(path: string): string {
  return path.replace(/:[A-Za-z_]\w*/g, ":");
}
