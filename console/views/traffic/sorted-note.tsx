import { Button } from "../../parts/basics.tsx";
import { number, plural } from "../../parts/format.ts";
import type { SortedSummary } from "../../state/traffic-window.ts";

interface SortedNoteProps {
  readonly title: string;
  readonly order: "asc" | "desc";
  readonly shown: number;
  readonly sorted: SortedSummary | undefined;
  readonly onRefresh: () => void;
  readonly onEnd: () => void;
}

/** Of rows that are not in the order of their time: what they are the first of. */
export function SortedNote({ title, order, shown, sorted, onRefresh, onEnd }: SortedNoteProps) {
  return (
    <div class="sorted-note" role="status">
      <span>
        By <b>{title}</b>, {order === "desc" ? "greatest" : "least"} first
        {sorted !== undefined &&
          `: ${number(shown)} of ${wordCompared(sorted)}. New rows are not among them.`}
      </span>
      <span class="spread" />
      <Button look="quiet" icon="reload" onClick={onRefresh}>
        Sort again
      </Button>
      <Button look="quiet" onClick={onEnd}>
        By time
      </Button>
    </div>
  );
}

function wordCompared({ compared, isWhole }: SortedSummary): string {
  return isWhole ? `all ${plural(compared, "row")} that are kept` : `the newest ${plural(compared, "row")}`;
}
