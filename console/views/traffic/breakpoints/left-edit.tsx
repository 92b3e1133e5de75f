import { Button, Notice, WriteButton } from "../../../parts/basics.tsx";
import { bodyOf, holdsMark, messageProblem, type WrittenMessage } from "../../../parts/message-form/forms.ts";
import { MessageForm } from "../../../parts/message-form/message-form.tsx";
import { useApp } from "../../../state/app.ts";
import { type HeldEdit, receiverOf } from "./held-edits.ts";

interface LeftEditProps {
  readonly edit: HeldEdit;
  readonly onWrite: (written: WrittenMessage | undefined) => void;
}

/** What was written for a message that is held no more: to be copied, or sent as a message of its own. */
export function LeftEdit({ edit: { hold, written }, onWrite }: LeftEditProps) {
  const { api, attempt, clock } = useApp();
  const { session } = hold;
  const to = receiverOf(hold);
  const refusal = holdsMark(written) ? "Write the hidden values in first." : messageProblem(written);
  const send = async () => {
    if (refusal !== "") return;
    const say = () => api.say(session, { to, ...bodyOf(written) });
    if (await attempt(`The ${to} of ${session} is sent the message`, say)) onWrite(undefined);
  };
  return (
    <section class="held-editor" aria-label={`Edited message of ${session}`}>
      <Notice tone="warn">
        {hold.until <= clock.value
          ? `The message of ${session} left by itself, unedited: its time was over.`
          : `The message of ${session} is held no more, and your edit did not leave with it.`}{" "}
        What you wrote is still here.
      </Notice>
      <MessageForm
        label={`Message for the ${to}`}
        written={written}
        rows={5}
        onChange={onWrite}
        onSend={() => void send()}
      />
      <div class="held-actions">
        <WriteButton icon="test" title="Ctrl Enter" refusal={refusal} onClick={() => void send()}>
          Send it to the {to}
        </WriteButton>
        <Button onClick={() => onWrite(undefined)}>Discard</Button>
      </div>
    </section>
  );
}
