import type { RefObject } from "preact";
import { useContext, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Button } from "../basics.tsx";
import { createFinder, type Finder } from "./finder.ts";
import { FinderContext } from "./marked.tsx";
import { type MatchPlace, placesInBytes, placesInText } from "./places.ts";

interface FindBarProps {
  readonly label: string;
  readonly body: RefObject<HTMLElement | null>;
  /** Shown sixteen a line; undefined: as text. */
  readonly bytes: Uint8Array | undefined;
  /** Moves when the body shows something else. */
  readonly shown: string;
}

/** Finds in a payload what the filter looks for, or what is written here, and goes from one to the next. */
export function FindBar({ label, body, bytes, shown }: FindBarProps) {
  const filtered = useContext(FinderContext);
  const [text, setText] = useState("");
  const [places, setPlaces] = useState<readonly MatchPlace[]>([]);
  const [current, setCurrent] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const finder: Finder | undefined =
    text === "" ? filtered : createFinder([{ type: "text", text }], undefined);

  useLayoutEffect(() => {
    const element = body.current;
    if (element === null || finder === undefined) return setPlaces([]);
    const found = bytes === undefined ? placesInText(element, finder) : placesInBytes(element, bytes, finder);
    setPlaces(found);
    setCurrent(0);
    return paint("find-hit", found.flat());
  }, [shown, text, filtered]);

  useLayoutEffect(() => {
    const place = places[current];
    if (place === undefined) return;
    place[0]?.startContainer.parentElement?.scrollIntoView({ block: "nearest", inline: "nearest" });
    return paint("find-current", place);
  }, [places, current]);

  const step = (by: number) => {
    if (places.length > 0) setCurrent((at) => (at + by + places.length) % places.length);
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const isTyping =
        event.target instanceof HTMLElement && event.target.matches("input, textarea, select, dialog *");
      const by = event.key === "F3" ? (event.shiftKey ? -1 : 1) : isTyping ? 0 : (STEPS[event.key] ?? 0);
      // Of several payloads the first is meant.
      if (by === 0 || document.querySelector(".find-bar input") !== field.current) return;
      event.preventDefault();
      step(by);
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });

  return (
    <div class="find-bar">
      <input
        ref={field}
        type="search"
        class="input"
        aria-label={`Find in: ${label}`}
        placeholder="Find"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
          if (event.key === "Escape" && text !== "") {
            event.stopPropagation();
            setText("");
          }
        }}
      />
      {finder !== undefined && (
        <>
          <span class="number muted" role="status">
            {places.length === 0 ? "none" : `${current + 1} of ${places.length}`}
          </span>
          <Button
            icon="left"
            look="quiet"
            label="The match before"
            title="The match before (N)"
            onClick={() => step(-1)}
          />
          <Button
            icon="right"
            look="quiet"
            label="The next match"
            title="The next match (n)"
            onClick={() => step(1)}
          />
        </>
      )}
    </div>
  );
}

const STEPS: Readonly<Record<string, number>> = { n: 1, N: -1 };

/** Without a change to the page; browsers that cannot do it show nothing. Returns what takes it away again. */
function paint(name: string, ranges: readonly Range[]): (() => void) | undefined {
  if (typeof Highlight === "undefined") return undefined;
  const all = CSS.highlights.get(name) ?? new Highlight();
  CSS.highlights.set(name, all);
  for (const range of ranges) all.add(range);
  return () => {
    for (const range of ranges) all.delete(range);
  };
}
