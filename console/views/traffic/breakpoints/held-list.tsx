import { Button, WriteButton } from "../../../parts/basics.tsx";
import { bytes, span } from "../../../parts/format.ts";
import { Icon } from "../../../parts/icon.tsx";
import { messageProblem } from "../../../parts/message-form/forms.ts";
import { previewOf } from "../../../parts/preview.ts";
import { useApp } from "../../../state/app.ts";
import type { ShownHold } from "../../../state/holds.ts";
import { HeldEditor } from "./held-editor.tsx";
import { type HeldEdits, receiverOf } from "./held-edits.ts";

interface HeldListProps {
  readonly held: readonly ShownHold[];
  /** The one that keys are for. */
  readonly current: string | undefined;
  readonly isEditing: boolean;
  readonly onEdit: (id: string | undefined) => void;
  readonly edits: HeldEdits;
  /** As edited, where it is. */
  readonly onRelease: (hold: ShownHold) => void;
  readonly onReleaseUnedited: (hold: ShownHold) => void;
  readonly onDrop: (hold: ShownHold) => void;
}

/** The messages that are held, the next to go by itself first. */
export function HeldList(props: HeldListProps) {
  const { held, current, isEditing, edits, onEdit, onRelease, onReleaseUnedited, onDrop } = props;
  const { clock } = useApp();
  return (
    <ul class="held-list" aria-label="Held messages">
      {held.map((hold) => {
        const { id, origin, session, payload, until } = hold;
        const isCurrent = id === current;
        const isOpen = isCurrent && isEditing;
        const to = receiverOf(hold);
        const written = edits.of(id)?.written;
        return (
          <li key={id} class={isCurrent ? "is-current" : ""} aria-current={isCurrent ? "true" : undefined}>
            <div class="held-row">
              <span class={`held-from from-${origin}`} title={`From the ${origin}, to the ${to}`}>
                <Icon name={origin === "client" ? "up" : "arrowDown"} size={13} />
                {origin}
              </span>
              <a class="mono" href={`/sessions/${encodeURIComponent(session)}`}>
                {session}
              </a>
              <span class="mono held-preview">{previewOf(payload) || <span class="muted">empty</span>}</span>
              <span class="muted number">{bytes(payload.length)}</span>
              <span class="badge warn number" title="Then it goes by itself, as it is">
                {span(Math.max(0, Math.ceil((until - clock.value) / 1000)) * 1000)}
              </span>
              <span class="held-buttons">
                {written === undefined ? (
                  <WriteButton icon="play" title="Release it as it is (r)" onClick={() => onRelease(hold)}>
                    Release
                  </WriteButton>
                ) : (
                  <>
                    <WriteButton
                      look="primary"
                      icon="play"
                      title="Release it as edited (r, Ctrl Enter)"
                      refusal={messageProblem(written)}
                      onClick={() => onRelease(hold)}
                    >
                      Release as edited
                    </WriteButton>
                    <WriteButton
                      title="Release it as it is: what you wrote is discarded"
                      onClick={() => onReleaseUnedited(hold)}
                    >
                      Release unedited
                    </WriteButton>
                  </>
                )}
                <Button isOn={isOpen} title="Edit it (e)" onClick={() => onEdit(isOpen ? undefined : id)}>
                  Edit
                </Button>
                <WriteButton look="danger" title="Drop it (x)" onClick={() => onDrop(hold)}>
                  Drop
                </WriteButton>
              </span>
            </div>
            {isOpen && (
              <HeldEditor
                key={id}
                {...{ id, to, written }}
                onWrite={(next) => edits.write(hold, next)}
                onSend={() => onRelease(hold)}
              />
            )}
          </li>
        );
      })}
    </ul>
  );
}
