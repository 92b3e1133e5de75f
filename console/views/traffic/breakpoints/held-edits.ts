import { useState } from "preact/hooks";
import type { WrittenMessage } from "../../../parts/message-form/forms.ts";
import type { ShownHold } from "../../../state/holds.ts";

/** What somebody has written in the place of a held message. */
export interface HeldEdit {
  readonly hold: ShownHold;
  readonly written: WrittenMessage;
}

export interface HeldEdits {
  of(id: string): HeldEdit | undefined;
  /** Of messages that are held no more: what was written is still there. */
  left(held: readonly ShownHold[]): readonly HeldEdit[];
  /** @param written undefined: as it came. */
  write(hold: ShownHold, written: WrittenMessage | undefined): void;
}

export function useHeldEdits(): HeldEdits {
  const [edits, setEdits] = useState<ReadonlyMap<string, HeldEdit>>(new Map());
  return {
    of: (id) => edits.get(id),
    left(held) {
      const ids = new Set(held.map(({ id }) => id));
      return [...edits.values()].filter(({ hold }) => !ids.has(hold.id));
    },
    write(hold, written) {
      setEdits((before) => {
        const after = new Map(before);
        if (written === undefined) after.delete(hold.id);
        else after.set(hold.id, { hold, written });
        return after;
      });
    },
  };
}

/** To whom a held message goes. */
export function receiverOf({ origin }: ShownHold): "client" | "server" {
  return origin === "client" ? "server" : "client";
}
