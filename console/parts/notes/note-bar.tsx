import { useEffect, useState } from "preact/hooks";
import type { TrafficRecord } from "../../../core/traffic/records.ts";
import { useWriteAccess } from "../../state/app.ts";
import { WriteButton } from "../basics.tsx";
import { useNote } from "./use-note.ts";
import "./notes.css";

const MOST_LENGTH = 500;

/** Of a record's detail: its mark and its note, to be changed. */
export function NoteBar({ record }: { readonly record: TrafficRecord }) {
  const { marked, note, toggleMark, write } = useNote(record);
  const { mayWrite, reason } = useWriteAccess();
  const [text, setText] = useState(note);
  useEffect(() => setText(note), [note]);
  const save = (written: string) => {
    setText(written);
    if (written.trim() !== note) void write(written.trim());
  };
  return (
    <div class="note-bar">
      <WriteButton
        icon="flag"
        look="quiet"
        isOn={marked}
        label="Mark"
        title={marked ? "Take the mark away (m)" : "Mark it for all who look (m)"}
        onClick={() => void toggleMark()}
      />
      <input
        type="text"
        class="note-input"
        aria-label="Note"
        title={mayWrite ? "A note for all who look (a)" : reason}
        placeholder="Note"
        maxLength={MOST_LENGTH}
        readOnly={!mayWrite}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onBlur={(event) => save(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" || event.key === "Escape") {
            event.stopPropagation();
            // What it says as the focus leaves it is what is saved.
            if (event.key === "Escape") event.currentTarget.value = note;
            event.currentTarget.blur();
            document.querySelector<HTMLElement>(".traffic-table [role=grid]")?.focus({ preventScroll: true });
          }
        }}
      />
    </div>
  );
}
