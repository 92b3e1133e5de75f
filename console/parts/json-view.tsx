import { useState } from "preact/hooks";
import type { JsonLine } from "./json-lines.ts";
import { VisibleText } from "./visible-text.tsx";

const SHOWN_AT_FIRST = 500;

export function JsonView({ lines }: { readonly lines: readonly JsonLine[] }) {
  const [folded, setFolded] = useState<ReadonlySet<number>>(new Set());
  const [longest, setLongest] = useState(SHOWN_AT_FIRST);
  const toggle = (index: number) => {
    const next = new Set(folded);
    if (!next.delete(index)) next.add(index);
    setFolded(next);
  };
  const shown: number[] = [];
  for (let index = 0; index < lines.length && shown.length < longest; index++) {
    shown.push(index);
    if (folded.has(index)) index = lines[index]!.end!;
  }
  return (
    <div class="code json">
      {shown.map((index) => {
        const { depth, tokens, end } = lines[index]!;
        const isFolded = folded.has(index);
        return (
          <div key={index} class="code-line" style={{ paddingLeft: `${18 + depth * 14}px` }}>
            {end !== undefined && (
              <button
                type="button"
                class="fold"
                style={{ left: `${2 + depth * 14}px` }}
                aria-expanded={!isFolded}
                aria-label={isFolded ? "Unfold" : "Fold"}
                onClick={() => toggle(index)}
              >
                {isFolded ? "▸" : "▾"}
              </button>
            )}
            {tokens.map((token, at) => (
              <span key={at} class={`t-${token.type}`}>
                <VisibleText text={token.text} />
              </span>
            ))}
            {isFolded && (
              <span class="muted">
                {" "}
                … {end! - index - 1} lines {lines[end!]!.tokens.map(({ text }) => text).join("")}
              </span>
            )}
          </div>
        );
      })}
      {shown.length >= longest && (
        <button type="button" class="button quiet" onClick={() => setLongest(longest * 4)}>
          Show more of {lines.length} lines
        </button>
      )}
    </div>
  );
}
