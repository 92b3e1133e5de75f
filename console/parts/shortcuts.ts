import { useLayoutEffect } from "preact/hooks";
import { useLocation } from "preact-iso";
import { useApp } from "../state/app.ts";
import { PLACES } from "./navigation.tsx";

/** What the `?` dialog shows; keys of a view are handled by that view. */
export const shortcuts: readonly (readonly [string, readonly (readonly [readonly string[], string])[]])[] = [
  ["Go to", PLACES.map(({ key, title }) => [["g", key], title] as const)],
  [
    "In a table",
    [
      [["↑", "↓"], "Select the row before or after; also j and k"],
      [["Home", "End"], "First and last row"],
      [["Esc"], "Close the detail pane"],
      [["/"], "Search, with a filter"],
      [["Menu"], "Filter by a value of the row, or copy it; also a right click"],
      [["m"], "Mark the row, or take its mark away; a to write a note"],
      [["y"], "Copy the row as text, as a command, …"],
      [["n"], "The next match in the payload; N the one before, also F3"],
      [["Space"], "Pause, and go on"],
      [["f"], "Follow the newest row"],
    ],
  ],
  [
    "In Traffic, WebSockets",
    [
      [["b"], "Breakpoints"],
      [["r"], "Release the held message; R releases all"],
      [["e"], "Edit it"],
      [["x"], "Drop it"],
    ],
  ],
  ["Anywhere", [[["?"], "These keys, and what words mean"]]],
];

const CHORD_MS = 1500;
// Keys are listened for before a page is drawn (layout effects): who sees it can press them.

export function useShortcuts(): void {
  const { isHelpOpen } = useApp();
  const { route } = useLocation();
  useLayoutEffect(() => {
    let chordAt = 0;
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "?") {
        isHelpOpen.value = true;
      } else if (event.key === "g") {
        chordAt = Date.now();
      } else if (Date.now() - chordAt < CHORD_MS) {
        chordAt = 0;
        const place = PLACES.find(({ key }) => key === event.key);
        if (place !== undefined) route(place.path);
      }
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}

/** Keys of a view, while nobody writes. An action that gives false leaves the key to others. */
export function useKeys(keys: Readonly<Record<string, (event: KeyboardEvent) => unknown>>): void {
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const action = keys[event.key];
      if (action === undefined || (event.key === " " && event.target instanceof HTMLButtonElement)) return;
      if (action(event) !== false) event.preventDefault();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  });
}

function isTyping({ target }: KeyboardEvent): boolean {
  return (
    target instanceof HTMLElement &&
    (target.matches("input, textarea, select") || target.closest("dialog") !== null)
  );
}
