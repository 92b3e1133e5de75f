import type { Path } from "../values/schema-places.ts";

/** Where values of a YAML or JSON config are: the line of what stands there, or of what it would stand in. From 1. */
export async function openPlaces(text: string): Promise<(path: Path) => number> {
  // Most configs are of another format, and the parser is 70 modules. It reads JSON as well.
  const { isCollection, isNode, LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  return (path) => {
    let found: unknown = document.contents;
    for (const key of path) {
      const part = isCollection(found) ? found.get(key, true) : undefined;
      if (!isNode(part)) break;
      found = part;
    }
    return lines.linePos((isNode(found) ? found.range?.[0] : 0) ?? 0).line;
  };
}
