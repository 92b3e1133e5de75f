import { useState } from "preact/hooks";
import { bytes as showBytes } from "./format.ts";

const ROW_BYTES = 16;
const SHOWN_AT_FIRST = 2048;

export function HexView({ bytes }: { readonly bytes: Uint8Array }) {
  const [shown, setShown] = useState(SHOWN_AT_FIRST);
  const rows: { offset: string; hex: string; text: string }[] = [];
  for (let start = 0; start < Math.min(bytes.length, shown); start += ROW_BYTES) {
    const part = bytes.subarray(start, start + ROW_BYTES);
    rows.push({
      offset: start.toString(16).padStart(6, "0"),
      hex: [...part]
        .map((byte, index) => (index === 8 ? " " : "") + byte.toString(16).padStart(2, "0"))
        .join(" "),
      text: [...part].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join(""),
    });
  }
  return (
    <div class="code hex" role="region" aria-label="Bytes" tabIndex={0}>
      {rows.map(({ offset, hex, text }) => (
        <div key={offset} class="hex-line">
          <span class="muted">{offset}</span>
          <span>{hex.padEnd(ROW_BYTES * 3)}</span>
          <span class="hex-text">{text}</span>
        </div>
      ))}
      {bytes.length > shown && (
        <button type="button" class="button quiet" onClick={() => setShown(shown * 8)}>
          Show more of {showBytes(bytes.length)}
        </button>
      )}
    </div>
  );
}
