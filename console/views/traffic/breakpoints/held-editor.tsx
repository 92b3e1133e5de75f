import { useEffect, useState } from "preact/hooks";
import { Loading, Notice, WriteButton } from "../../../parts/basics.tsx";
import {
  bodyOf,
  holdsMark,
  messageProblem,
  type WrittenMessage,
  writtenOf,
} from "../../../parts/message-form/forms.ts";
import { MessageForm } from "../../../parts/message-form/message-form.tsx";
import { PayloadViewer } from "../../../parts/payload-viewer.tsx";
import { useApp } from "../../../state/app.ts";
import { useLoaded } from "../../../state/loaded.ts";

interface HeldEditorProps {
  readonly id: string;
  readonly to: string;
  /** It has gone. */
  readonly onDone: () => void;
}

/** A held message: as it came, and as it is to leave, to be written on. */
export function HeldEditor({ id, to, onDone }: HeldEditorProps) {
  const { api, attempt } = useApp();
  const [loaded] = useLoaded(() => api.heldMessage(id), [id]);
  const { value: message, error } = loaded.value;
  const [written, setWritten] = useState<WrittenMessage | undefined>(undefined);
  useEffect(() => {
    if (message !== undefined && written === undefined) setWritten(writtenOf(message.payload));
  }, [message]);
  if (error !== undefined) return <Notice tone="note">It has gone: {error.message}</Notice>;
  if (message === undefined || written === undefined) return <Loading />;
  const first = writtenOf(message.payload);
  const isEdited = written.text !== first.text || written.form !== first.form;
  const refusal = messageProblem(written);
  const release = async () => {
    if (refusal !== "") return;
    const body = isEdited ? bodyOf(written) : {};
    if (
      await attempt(isEdited ? "It leaves as edited" : "It leaves as it is", () => api.releaseHeld(id, body))
    )
      onDone();
  };
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
            written={written}
            rows={5}
            onChange={setWritten}
            onSend={() => void release()}
          />
        </section>
      </div>
      {holdsMark(written) && (
        <Notice tone="note">
          Where it says <code>[redacted]</code> a value is hidden. It is put back where its mark stays.
        </Notice>
      )}
      <div class="held-actions">
        <WriteButton
          look="primary"
          icon="play"
          title="Ctrl Enter"
          refusal={refusal}
          onClick={() => void release()}
        >
          {isEdited ? "Release as edited" : "Release as it is"}
        </WriteButton>
      </div>
    </div>
  );
}
