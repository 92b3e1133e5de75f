import type { TrafficRecord } from "../../../../core/traffic/records.ts";
import { MenuItem } from "../../../parts/menu/menu.tsx";
import { useNote } from "../../../parts/notes/use-note.ts";
import { useWriteAccess } from "../../../state/app.ts";

/** Item of a menu: marks a record, or takes its mark away. */
export function MarkItem({
  record,
  onDone,
}: {
  readonly record: TrafficRecord;
  readonly onDone: () => void;
}) {
  const { marked, toggleMark } = useNote(record);
  const { mayWrite, reason } = useWriteAccess();
  return (
    <MenuItem
      refusal={mayWrite ? "" : reason}
      onChoose={() => {
        onDone();
        void toggleMark();
      }}
    >
      {marked ? "Take the mark away" : "Mark"}
    </MenuItem>
  );
}
