import { useState } from "preact/hooks";
import type { PayloadView } from "../../../core/traffic/records.ts";
import { useApp } from "../../state/app.ts";
import { Button, Dialog, Notice, Segmented, WriteButton } from "../basics.tsx";
import { bytes } from "../format.ts";
import { bodyOf, holdsMark, messageProblem, writtenOf } from "../message-form/forms.ts";
import { MessageForm } from "../message-form/message-form.tsx";

type Side = "client" | "server";

interface SayDialogProps {
  readonly session: string;
  readonly to: Side;
  /** What is there to begin with; null: nothing. */
  readonly payload: PayloadView | null;
  readonly onDone: () => void;
}

const SIDES = [
  ["client", "To the client"],
  ["server", "To the server"],
] as const;

/** A message of an operator's for one side of an open session. */
export function SayDialog({ session, to: first, payload, onDone }: SayDialogProps) {
  const { api, attempt } = useApp();
  const [to, setTo] = useState<Side>(first);
  const [written, setWritten] = useState(() => writtenOf(payload));
  const [isForPolicies, setForPolicies] = useState(payload !== null && first === "server");
  const isHidden = payload !== null && holdsMark(written);
  const refusal = isHidden ? "Write the hidden values in first." : messageProblem(written);
  const send = async () => {
    if (refusal !== "") return;
    const message = { to, ...bodyOf(written), ...(isForPolicies && { through: "policies" as const }) };
    if (await attempt(`The ${to} of ${session} is sent the message`, () => api.say(session, message)))
      onDone();
  };
  return (
    <Dialog
      title={payload === null ? "Send a message" : "Edit and resend"}
      onClose={onDone}
      footer={
        <>
          <Button onClick={onDone}>Cancel</Button>
          <WriteButton
            look="primary"
            icon="test"
            title="Send (Ctrl Enter)"
            refusal={refusal}
            onClick={() => void send()}
          >
            Send
          </WriteButton>
        </>
      }
    >
      <Segmented label="Who gets it" options={SIDES} current={to} onChange={setTo} />
      <MessageForm label="Message" written={written} onChange={setWritten} onSend={() => void send()} />
      {payload?.isCut && (
        <Notice tone="warn">
          Only the beginning of its {bytes(payload.length)} was recorded: what is missing is not sent.
        </Notice>
      )}
      {isHidden && (
        <Notice tone="warn">
          Values of this message are hidden in the recording: write them in where it says{" "}
          <code>[redacted]</code>.
        </Notice>
      )}
      <label class="check-field">
        <input
          type="checkbox"
          checked={isForPolicies}
          onChange={(event) => setForPolicies(event.currentTarget.checked)}
        />
        Through the policies, as if the {to === "client" ? "server" : "client"} had sent it
      </label>
      <p class="muted">
        {isForPolicies ? "What they make of it leaves" : "It leaves as it is"}, behind what is on its way, and
        its record says that an operator sent it.
      </p>
    </Dialog>
  );
}
