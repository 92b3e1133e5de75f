import { structuredPatch } from "diff";
import type { PolicySourceView } from "../../../../core/admin/api/api-schema.ts";

export interface SourceLine {
  readonly mark: " " | "+" | "-";
  readonly text: string;
  /** In each version, from 1; absent where the line is not. */
  readonly before?: number;
  readonly after?: number;
}

/** A file of which something is otherwise: what is, with a few lines around. */
export interface FileDiff {
  readonly path: string;
  /** One behind the other, as they are in the file. */
  readonly pieces: readonly (readonly SourceLine[])[];
}

/** Two lines that are beside each other; undefined: there is none on that side. */
export type LinePair = readonly [SourceLine | undefined, SourceLine | undefined];

const LINES_AROUND = 3;

/** Files that are alike are left out. */
export function diffSources(before: PolicySourceView, after: PolicySourceView): readonly FileDiff[] {
  const contentOf = ({ files }: PolicySourceView, path: string) =>
    files.find((file) => file.path === path)?.content ?? "";
  const paths = new Set([...after.files, ...before.files].map(({ path }) => path));
  return [...paths].flatMap((path) => {
    const pieces = diffFile(contentOf(before, path), contentOf(after, path));
    return pieces.length === 0 ? [] : [{ path, pieces }];
  });
}

function diffFile(before: string, after: string): FileDiff["pieces"] {
  const { hunks } = structuredPatch("", "", before, after, "", "", { context: LINES_AROUND });
  return hunks.map(({ oldStart, newStart, lines }) => {
    let old = oldStart;
    let fresh = newStart;
    return lines.flatMap((line): SourceLine[] => {
      const text = line.slice(1);
      if (line.startsWith("+")) return [{ mark: "+", text, after: fresh++ }];
      if (line.startsWith("-")) return [{ mark: "-", text, before: old++ }];
      // `\ No newline at end of file`
      if (line.startsWith("\\")) return [];
      return [{ mark: " ", text, before: old++, after: fresh++ }];
    });
  });
}

/** What went beside what came in its place. */
export function pairLines(lines: readonly SourceLine[]): readonly LinePair[] {
  const pairs: LinePair[] = [];
  let gone: SourceLine[] = [];
  let come: SourceLine[] = [];
  const settle = () => {
    for (let at = 0; at < Math.max(gone.length, come.length); at++) pairs.push([gone[at], come[at]]);
    gone = [];
    come = [];
  };
  for (const line of lines) {
    if (line.mark === "-") gone.push(line);
    else if (line.mark === "+") come.push(line);
    else {
      settle();
      pairs.push([line, line]);
    }
  }
  settle();
  return pairs;
}
