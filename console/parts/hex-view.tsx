import { useEffect, useRef, useState } from "preact/hooks";
import { bytes as showBytes } from "./format.ts";

const SHOWN_AT_FIRST = 2048;
/** Of an offset, the columns' gaps and the padding, in characters; and of each byte: two digits, a space, its text. */
const BESIDE = 18;
const OF_BYTE = 4;

export function HexView({ bytes }: { readonly bytes: Uint8Array }) {
  const [shown, setShown] = useState(SHOWN_AT_FIRST);
  const [element, perRow] = useBytesPerRow();
  const rows: { offset: string; hex: string; text: string }[] = [];
  for (let start = 0; start < Math.min(bytes.length, shown); start += perRow) {
    const part = bytes.subarray(start, start + perRow);
    rows.push({
      offset: start.toString(16).padStart(6, "0"),
      hex: [...part]
        .map((byte, index) => (index === 8 ? " " : "") + byte.toString(16).padStart(2, "0"))
        .join(" "),
      text: [...part].map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join(""),
    });
  }
  return (
    <div class="code hex" role="region" aria-label="Bytes" tabIndex={0} ref={element}>
      {rows.map(({ offset, hex, text }) => (
        <div key={offset} class="hex-line">
          <span class="muted">{offset}</span>
          <span>{hex.padEnd(perRow * 3)}</span>
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

/** As many as fit: 16, or 8 or 4 where there is less room. */
function useBytesPerRow() {
  const element = useRef<HTMLDivElement>(null);
  const [perRow, setPerRow] = useState(16);
  useEffect(() => {
    const shown = element.current!;
    const observer = new ResizeObserver(() => {
      const characters = shown.clientWidth / characterWidth(shown);
      setPerRow([16, 8].find((count) => count * OF_BYTE + BESIDE <= characters) ?? 4);
    });
    observer.observe(shown);
    return () => observer.disconnect();
  }, []);
  return [element, perRow] as const;
}

function characterWidth(shown: HTMLElement): number {
  const context = document.createElement("canvas").getContext("2d")!;
  context.font = getComputedStyle(shown).font;
  return context.measureText("0").width;
}
