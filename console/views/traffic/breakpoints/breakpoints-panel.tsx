import { useEffect, useState } from "preact/hooks";
import { Button, Loading, WriteButton } from "../../../parts/basics.tsx";
import { plural } from "../../../parts/format.ts";
import { bodyOf, messageProblem } from "../../../parts/message-form/forms.ts";
import { useKeys } from "../../../parts/shortcuts.ts";
import { UnansweredNotice } from "../../../parts/unanswered.tsx";
import { useApp, useWriteAccess } from "../../../state/app.ts";
import type { ShownHold } from "../../../state/holds.ts";
import { BreakpointForm } from "./breakpoint-form.tsx";
import { BreakpointList } from "./breakpoint-list.tsx";
import { useHeldEdits } from "./held-edits.ts";
import { HeldList } from "./held-list.tsx";
import { LeftEdit } from "./left-edit.tsx";
import "./breakpoints.css";

interface BreakpointsPanelProps {
  /** What the table shows now. */
  readonly filter: string;
  readonly onClose: () => void;
}

/** Breakpoints, and what is held there: set, edited, let go, dropped. */
export function BreakpointsPanel({ filter, onClose }: BreakpointsPanelProps) {
  const { api, attempt, holds } = useApp();
  const { mayWrite } = useWriteAccess();
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const edits = useHeldEdits();
  useEffect(holds.watch, []);
  const shown = holds.view.value;
  const held = shown?.held ?? [];
  const current = held.find(({ id }) => id === chosen) ?? held[0];

  const act = async (done: string, action: () => Promise<unknown>) => {
    const isDone = await attempt(done, action);
    await holds.refresh();
    return isDone;
  };
  const settle = async (hold: ShownHold, done: string, action: () => Promise<unknown>) => {
    if (await act(done, action)) edits.write(hold, undefined);
  };
  const releaseUnedited = (hold: ShownHold) =>
    void settle(hold, "It leaves as it is", () => api.releaseHeld(hold.id, {}));
  const release = (hold: ShownHold) => {
    const written = edits.of(hold.id)?.written;
    if (written === undefined) releaseUnedited(hold);
    else if (messageProblem(written) === "")
      void settle(hold, "It leaves as edited", () => api.releaseHeld(hold.id, bodyOf(written)));
  };
  const drop = (hold: ShownHold) => void settle(hold, "It does not leave", () => api.dropHeld(hold.id));
  const releaseAll = () => void act("All that was held leaves", () => api.releaseAllHeld());
  const whenHeld = (action: (hold: ShownHold) => void) => () => {
    if (current !== undefined && mayWrite) action(current);
  };
  useKeys({
    r: whenHeld(release),
    x: whenHeld(drop),
    e: whenHeld(({ id }) => setChosen(id)),
    R: whenHeld(releaseAll),
  });

  return (
    <section class="breakpoints" aria-label="Breakpoints">
      <header>
        <h2>Breakpoints</h2>
        <span class="muted">Messages that fit are held before they leave, after the policies.</span>
        <span class="spread" />
        <WriteButton
          icon="play"
          title="Release all (R)"
          refusal={held.length === 0 ? "Nothing is held." : ""}
          onClick={releaseAll}
        >
          Release all
        </WriteButton>
        <Button icon="close" look="quiet" label="Close the breakpoints" title="Close (b)" onClick={onClose} />
      </header>
      <BreakpointForm filter={filter} />
      {shown === undefined ? (
        <Loading />
      ) : (
        <>
          <UnansweredNotice unanswered={shown.unanswered} />
          <BreakpointList shown={shown} />
          <p class="sr-only" aria-live="polite">
            {plural(held.length, "message")} held
          </p>
          <HeldList
            held={held}
            current={current?.id}
            isEditing={chosen !== undefined && current?.id === chosen}
            onEdit={setChosen}
            edits={edits}
            onRelease={release}
            onReleaseUnedited={releaseUnedited}
            onDrop={drop}
          />
          {edits.left(held).map((edit) => (
            <LeftEdit key={edit.hold.id} edit={edit} onWrite={(written) => edits.write(edit.hold, written)} />
          ))}
        </>
      )}
    </section>
  );
}
