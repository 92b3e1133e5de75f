import { diffArrays, diffWordsWithSpace } from "diff";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { PayloadView as Payload } from "../../core/traffic/records.ts";
import { toPrettyText } from "./json-lines.ts";
import { toBytes } from "./payload-bytes.ts";
import { VisibleText } from "./visible-text.tsx";

interface Line {
  readonly mark: " " | "+" | "-";
  readonly content: ComponentChildren;
}

/** Before and after, line by line, with the words that changed. */
export function DiffView({ before, after }: { readonly before: Payload; readonly after: Payload }) {
  const lines = useMemo(() => compare(toLines(before), toLines(after)), [before, after]);
  return (
    <div class="code diff">
      {lines.map(({ mark, content }, index) => (
        <div key={index} class={`diff-line ${mark === "+" ? "added" : mark === "-" ? "removed" : ""}`}>
          <span class="diff-mark">
            {mark}
            {mark !== " " && <span class="sr-only">{mark === "+" ? "added" : "removed"}</span>}
          </span>
          <span>{content}</span>
        </div>
      ))}
    </div>
  );
}

function compare(before: string, after: string): readonly Line[] {
  const parts = diffArrays(before.split("\n"), after.split("\n"), { comparator: isSameLine });
  const lines: Line[] = [];
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index]!;
    const next = parts[index + 1];
    if (part.removed && next?.added) {
      lines.push(...replaceLines(part.value, next.value));
      index++;
    } else {
      const mark = part.added ? "+" : part.removed ? "-" : " ";
      lines.push(...part.value.map((text) => ({ mark, content: <VisibleText text={text} /> }) as const));
    }
  }
  return lines;
}

/** Line by line as far as both go; what is more on one side is whole. */
function replaceLines(before: readonly string[], after: readonly string[]): readonly Line[] {
  const pairs = Math.min(before.length, after.length);
  const both = Array.from({ length: pairs }, (_, index) => compareWords(before[index]!, after[index]!));
  const rest = (mark: "-" | "+", texts: readonly string[]) =>
    texts.slice(pairs).map((text) => ({ mark, content: <VisibleText text={text} /> }) as const);
  return [
    ...both.map(([removed]) => removed),
    ...rest("-", before),
    ...both.map(([, added]) => added),
    ...rest("+", after),
  ];
}

/** The comma after what was the last key is no change. */
function isSameLine(before: string, after: string): boolean {
  return before.replace(/,$/, "") === after.replace(/,$/, "");
}

function compareWords(before: string, after: string): readonly [Line, Line] {
  const words = diffWordsWithSpace(before.trimEnd(), after.trimEnd());
  const side = (isShown: (word: (typeof words)[number]) => boolean) =>
    words.filter(isShown).map((word, index) =>
      word.added || word.removed ? (
        <mark key={index}>
          <VisibleText text={word.value} />
        </mark>
      ) : (
        <VisibleText key={index} text={word.value} />
      ),
    );
  return [
    { mark: "-", content: side(({ added }) => !added) },
    { mark: "+", content: side(({ removed }) => !removed) },
  ];
}

function toLines(payload: Payload): string {
  if (payload.encoding === "text") return toPrettyText(payload.data);
  const hex = [...toBytes(payload)].map((byte) => byte.toString(16).padStart(2, "0"));
  const rows: string[] = [];
  for (let start = 0; start < hex.length; start += 16) rows.push(hex.slice(start, start + 16).join(" "));
  return rows.join("\n");
}
