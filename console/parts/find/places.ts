import type { Finder } from "./finder.ts";

/** The ranges of each hit in what is shown: of bytes, in both of their columns. */
export type MatchPlace = readonly Range[];

/** In the texts of an element, as they stand. */
export function placesInText(element: Element, finder: Finder): readonly MatchPlace[] {
  return blocksOf(element).flatMap((block) => {
    const nodes = textNodesOf(block);
    const text = nodes.map(({ data }) => data).join("");
    return finder.find(text).map(([from, to]) => [rangeOf(nodes, from, to)]);
  });
}

const ROW_BYTES = 16;

/** In bytes, of which an element shows sixteen a line. */
export function placesInBytes(element: Element, bytes: Uint8Array, finder: Finder): readonly MatchPlace[] {
  const lines = [...element.querySelectorAll(".hex-line")];
  const shown = bytes.subarray(0, lines.length * ROW_BYTES);
  const text = new TextDecoder("latin1").decode(shown);
  return finder.find(text).map(([from, to]) => {
    const ranges: Range[] = [];
    for (let at = from; at < to; at = (Math.floor(at / ROW_BYTES) + 1) * ROW_BYTES) {
      const row = Math.floor(at / ROW_BYTES);
      const start = at - row * ROW_BYTES;
      const end = Math.min(to - row * ROW_BYTES, ROW_BYTES);
      const [, hex, plain] = lines[row]?.children ?? [];
      if (hex !== undefined) ranges.push(rangeOf(textNodesOf(hex), hexColumn(start), hexColumn(end - 1) + 2));
      if (plain !== undefined) ranges.push(rangeOf(textNodesOf(plain), start, end));
    }
    return ranges;
  });
}

/** Two digits and a space each, and one more in the middle. */
function hexColumn(index: number): number {
  return index * 3 + (index >= ROW_BYTES / 2 ? 1 : 0);
}

/** Lines by themselves, so that nothing is found across two of them. */
function blocksOf(element: Element): readonly Element[] {
  const lines = [...element.querySelectorAll(".code-line, .diff-line")];
  return lines.length === 0 ? [element] : lines;
}

function textNodesOf(element: Element): readonly Text[] {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const nodes: Text[] = [];
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    if (node.parentElement?.closest("button") === null) nodes.push(node);
  }
  return nodes;
}

function rangeOf(nodes: readonly Text[], from: number, to: number): Range {
  const range = new Range();
  let at = 0;
  for (const node of nodes) {
    const end = at + node.length;
    if (from >= at && from < end) range.setStart(node, from - at);
    if (to > at && to <= end) {
      range.setEnd(node, to - at);
      break;
    }
    at = end;
  }
  return range;
}
