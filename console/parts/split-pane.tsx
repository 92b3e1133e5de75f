import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { readStored, store } from "../state/stored.ts";

interface SplitPaneProps {
  readonly name: string;
  readonly main: ComponentChildren;
  /** Absent: the main part has all of the room. */
  readonly side: ComponentChildren | undefined;
}

/** Main and a pane beside it, on a narrow screen below it; the edge between them can be dragged, or moved by arrows. */
export function SplitPane({ name, main, side }: SplitPaneProps) {
  const [share, setShare] = useState(() => Number(readStored(`split.${name}`, "42")) || 42);
  const frame = useRef<HTMLDivElement>(null);
  const resize = (next: number) => {
    const bounded = Math.round(Math.max(20, Math.min(75, next)));
    setShare(bounded);
    store(`split.${name}`, String(bounded));
  };
  const onPointerMove = (event: PointerEvent) => {
    if (!(event.currentTarget as HTMLElement).hasPointerCapture(event.pointerId)) return;
    const box = frame.current!.getBoundingClientRect();
    const isBelow = getComputedStyle(frame.current!).flexDirection === "column";
    resize(
      isBelow
        ? ((box.bottom - event.clientY) / box.height) * 100
        : ((box.right - event.clientX) / box.width) * 100,
    );
  };
  return (
    <div ref={frame} class="split">
      <div class="split-main">{main}</div>
      {side !== undefined && (
        <>
          <div
            class="split-edge"
            role="separator"
            aria-label="Size of the detail pane"
            aria-orientation="vertical"
            aria-valuenow={share}
            aria-valuemin={20}
            aria-valuemax={75}
            tabIndex={0}
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={onPointerMove}
            onKeyDown={(event) => {
              if (event.key === "ArrowLeft" || event.key === "ArrowUp") resize(share + 3);
              if (event.key === "ArrowRight" || event.key === "ArrowDown") resize(share - 3);
            }}
          />
          <div class="split-side" style={{ flexBasis: `${share}%` }}>
            {side}
          </div>
        </>
      )}
    </div>
  );
}
