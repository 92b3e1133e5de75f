import { Loading, Notice } from "../../../parts/basics.tsx";
import { holdsMark, type WrittenMessage, writtenOf } from "../../../parts/message-form/forms.ts";
import { MessageForm } from "../../../parts/message-form/message-form.tsx";
import { PayloadViewer } from "../../../parts/payload-viewer.tsx";
import { useApp } from "../../../state/app.ts";
import { useLoaded } from "../../../state/loaded.ts";

interface HeldEditorProps {
  readonly id: string;
  readonly to: string;
  /** What is written so far; undefined: nothing yet. */
  readonly written: WrittenMessage | undefined;
  /** With undefined when it is again as it came. */
  readonly onWrite: (written: WrittenMessage | undefined) => void;
  readonly onSend: () => void;
}

/** A held message: as it came, and as it is to leave, to be written on. */
export function HeldEditor({ id, to, written, onWrite, onSend }: HeldEditorProps) {
  const { api } = useApp();
  const [loaded] = useLoaded(() => api.heldMessage(id), [id]);
  const { value: message, error } = loaded.value;
  if (error !== undefined) return <Notice tone="note">It has gone: {error.message}</Notice>;
  if (message === undefined) return <Loading />;
  const first = writtenOf(message.payload);
  const shown = written ?? first;
  return (
    <div class="held-editor">
      <div class="held-bodies">
        {message.original !== null && (
          <section>
            <h3>As it came, before the policies</h3>
            <PayloadViewer payload={message.original} label="As it came" />
          </section>
        )}
        <section>
          <h3>As it leaves for the {to}</h3>
          <MessageForm
            label={`Message for the ${to}`}
            written={shown}
            rows={5}
            onChange={(next) =>
              onWrite(next.text === first.text && next.form === first.form ? undefined : next)
            }
            onSend={onSend}
          />
        </section>
      </div>
      {holdsMark(shown) && (
        <Notice tone="note">
          Where it says <code>[redacted]</code> a value is hidden. It is put back where its mark stays.
        </Notice>
      )}
    </div>
  );
}
