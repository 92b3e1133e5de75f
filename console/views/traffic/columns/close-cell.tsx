import type { CloseRecord } from "../../../../core/traffic/records.ts";
import { Marked } from "../../../parts/find/marked.tsx";
import { toOneLine } from "../../../parts/visible-text.tsx";
import { closeWords } from "../words.ts";
import type { ColumnCell } from "./column.ts";

/** How a session ended, and the reason that was given. */
export function closeCell(record: CloseRecord): ColumnCell {
  return {
    content: (
      <>
        {closeWords(record)}
        {record.reason !== "" && (
          <span class="muted">
            {" "}
            “<Marked text={toOneLine(record.reason)} />”
          </span>
        )}
      </>
    ),
  };
}
