/**
 * What servers make of a path that cannot be matched safely (`decodePath`), as segments: some merge slashes before they
 * resolve dots and some after, some take a backslash for a slash, or drop what is behind a `;`, `#` or NUL, and most leave
 * a broken percent-encoding as it stands.
 */
export function looseReadings(path: string): readonly (readonly string[])[] {
  const own = path.replace(/^[a-z][a-z\d+.-]*:\/\/[^/]*/i, "");
  if (!own.startsWith("/")) return [];
  const literal = own.slice(1).split("/").map(decodeLeniently);
  const divided = literal.join("/").split(/[#\0]/)[0]!.split(/[/\\]/);
  const bare = divided.map(withoutParameters);
  const resolved = [divided, bare].flatMap((segments) => [
    mergeSlashes(resolveDots(segments)),
    resolveDots(mergeSlashes(segments)),
  ]);
  return [literal, ...[...resolved, bare].flatMap((segments) => [segments, withoutLastSlash(segments)])];
}

/** A segment without what follows a `;` in it. */
export function withoutParameters(segment: string): string {
  const end = segment.indexOf(";");
  return end === -1 ? segment : segment.slice(0, end);
}

/** But for the one at the end of the path. */
export function mergeSlashes(segments: readonly string[]): readonly string[] {
  return segments.filter((segment, index, all) => segment !== "" || index === all.length - 1);
}

function decodeLeniently(segment: string): string {
  return segment.replace(/(?:%[\da-f]{2})+/gi, (encoded) => {
    return Buffer.from(encoded.replaceAll("%", ""), "hex").toString();
  });
}

function resolveDots(segments: readonly string[]): readonly string[] {
  const kept: string[] = [];
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
    // RFC 3986, 5.2.4: what such a path names is a folder.
    if (isLast && (segment === "." || segment === "..")) kept.push("");
  }
  return kept;
}

function withoutLastSlash(segments: readonly string[]): readonly string[] {
  return segments.length > 1 && segments.at(-1) === "" ? segments.slice(0, -1) : segments;
}
