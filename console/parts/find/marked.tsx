import { type ComponentChildren, createContext } from "preact";
import { useContext, useEffect, useMemo, useState } from "preact/hooks";
import { createFinder, type Finder, type Mark } from "./finder.ts";

/** What is looked for in the texts below. */
export const FinderContext = createContext<Finder | undefined>(undefined);

const MOST_MARKED = 20;

/** A text with what is looked for in it. */
export function Marked({ text }: { readonly text: string }) {
  const hits = useContext(FinderContext)?.find(text, MOST_MARKED) ?? [];
  if (hits.length === 0) return text;
  const parts: ComponentChildren[] = [];
  let end = 0;
  for (const [from, to] of hits) {
    parts.push(text.slice(end, from), <mark class="hit">{text.slice(from, to)}</mark>);
    end = to;
  }
  parts.push(text.slice(end));
  return parts;
}

/** Patterns are found as soon as what finds them is loaded. */
export function useFinder(marks: readonly Mark[]): Finder | undefined {
  const [compile, setCompile] = useState<typeof import("./patterns.ts").compileMark | undefined>(undefined);
  const needsPatterns = marks.some(({ type }) => type === "pattern");
  useEffect(() => {
    if (needsPatterns && compile === undefined)
      void import("./patterns.ts").then(({ compileMark }) => setCompile(() => compileMark));
  }, [needsPatterns]);
  const key = JSON.stringify(marks);
  return useMemo(() => (marks.length === 0 ? undefined : createFinder(marks, compile)), [key, compile]);
}
