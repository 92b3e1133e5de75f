import type { TrafficRecord } from "../../../core/traffic/records.ts";
import { Icon } from "../icon.tsx";
import { VisibleText } from "../visible-text.tsx";
import { useNote } from "./use-note.ts";
import "./notes.css";

/** In a row: that it is marked, and noted. */
export function NoteMark({ record }: { readonly record: TrafficRecord }) {
  const { marked, note } = useNote(record);
  if (!marked && note === "") return null;
  const words = [marked && "Marked", note !== "" && `Note: ${note}`].filter(Boolean).join(". ");
  return (
    <span class={`note-mark${marked ? " marked" : ""}`} role="img" aria-label={words} title={words}>
      <Icon name={marked ? "flag" : "note"} size={12} />
    </span>
  );
}

/** In a conversation: the note itself. */
export function NoteText({ record }: { readonly record: TrafficRecord }) {
  const { note } = useNote(record);
  if (note === "") return null;
  return (
    <span class="note-text">
      <Icon name="note" size={12} /> <VisibleText text={note} />
    </span>
  );
}
