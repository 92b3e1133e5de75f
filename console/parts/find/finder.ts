/** A text, found whatever its case, or a pattern. */
export type Mark =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "pattern"; readonly source: string; readonly flags: string };

export type Hit = readonly [start: number, end: number];

/** Where in a text something is that is looked for. */
export interface Finder {
  /** In order, none within another, and no more than so many. */
  find(text: string, most?: number): readonly Hit[];
}

type FindAll = (text: string, most: number) => readonly Hit[];

const MOST_HITS = 1000;

/** @param compile of patterns; undefined while that is being loaded */
export function createFinder(
  marks: readonly Mark[],
  compile: ((source: string, flags: string) => FindAll) | undefined,
): Finder {
  const finds = marks.flatMap((mark): FindAll[] => {
    if (mark.type === "text") return mark.text === "" ? [] : [literal(mark.text)];
    return compile === undefined ? [] : [compile(mark.source, mark.flags)];
  });
  return {
    find(text, most = MOST_HITS) {
      const hits = finds.flatMap((find) => find(text, most)).sort((a, b) => a[0] - b[0] || b[1] - a[1]);
      const apart: Hit[] = [];
      for (const hit of hits) {
        if (apart.length === most) break;
        if (hit[0] >= (apart.at(-1)?.[1] ?? 0)) apart.push(hit);
      }
      return apart;
    },
  };
}

function literal(wanted: string): FindAll {
  const needle = wanted.toLowerCase();
  return (text, most) => {
    const lower = text.toLowerCase();
    // Of some letters the small one has another length: their places would be wrong.
    if (lower.length !== text.length) return [];
    const hits: Hit[] = [];
    let at = lower.indexOf(needle);
    while (at !== -1 && hits.length < most) {
      hits.push([at, at + needle.length]);
      at = lower.indexOf(needle, at + needle.length);
    }
    return hits;
  };
}
