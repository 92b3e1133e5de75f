import { useState } from "preact/hooks";
import { bytes as showBytes } from "./format.ts";

const ROW_BYTES = 16;
const HALF = ROW_BYTES / 2;
const SHOWN_AT_FIRST = 2048;

/** Sixteen bytes a row, whose halves are below each other where there is little room. */
export function HexView({ bytes }: { readonly bytes: Uint8Array }) {
  const [shown, setShown] = useState(SHOWN_AT_FIRST);
  const starts: number[] = [];
  for (let start = 0; start < Math.min(bytes.length, shown); start += ROW_BYTES) starts.push(start);
  return (
    <div class="code hex" role="region" aria-label="Bytes" tabIndex={0}>
      {starts.map((start) => {
        const halves = [0, HALF].map((at) => bytes.subarray(start + at, start + at + HALF));
        return (
          <div key={start} class="hex-line">
            <span class="muted">{start.toString(16).padStart(6, "0")}</span>
            <span>
              {halves.map((half, index) => (
                <span key={index}>{digitsOf(half).padEnd(HALF * 3 + 1)}</span>
              ))}
            </span>
            <span class="hex-text">
              {halves.map((half, index) => (
                <span key={index}>{textOf(half)}</span>
              ))}
            </span>
          </div>
        );
      })}
      {bytes.length > shown && (
        <button type="button" class="button quiet" onClick={() => setShown(shown * 8)}>
          Show more of {showBytes(bytes.length)}
        </button>
      )}
    </div>
  );
}

function digitsOf(part: Uint8Array): string {
  return [...part].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

function textOf(part: Uint8Array): string {
  return [...part].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("");
}
