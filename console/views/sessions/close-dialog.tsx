import { useState } from "preact/hooks";
import { Button, Dialog } from "../../parts/basics.tsx";
import { useApp } from "../../state/app.ts";

const CODES: readonly (readonly [number, string])[] = [
  [1000, "1000 · normal end"],
  [1001, "1001 · going away"],
  [1008, "1008 · against a rule"],
  [1011, "1011 · internal error"],
  [1012, "1012 · restart, come back"],
  [1013, "1013 · try again later"],
];

const LONGEST_REASON = 123;

export function CloseDialog({ id, onDone }: { readonly id: string; readonly onDone: () => void }) {
  const { api, attempt } = useApp();
  const [code, setCode] = useState("1001");
  const [reason, setReason] = useState("");
  const length = new TextEncoder().encode(reason).length;
  const value = Number(code);
  const refusal =
    length > LONGEST_REASON
      ? `The reason has ${length} bytes, and a Close frame has room for ${LONGEST_REASON}.`
      : !CODES.some(([known]) => known === value) && !(value >= 3000 && value <= 4999)
        ? "Codes of your own are from 3000 to 4999."
        : "";
  const close = async () => {
    if (
      await attempt(`Session ${id} is being closed with ${code}`, () => api.closeSession(id, value, reason))
    )
      onDone();
  };
  return (
    <Dialog
      title={`Close session ${id}`}
      onClose={onDone}
      footer={
        <>
          <Button onClick={onDone}>Leave it open</Button>
          <Button look="primary" refusal={refusal} onClick={() => void close()}>
            Close with {code}
          </Button>
        </>
      }
    >
      <p>Both sides get a Close frame with this code and reason, after what is on its way to them.</p>
      <label class="field">
        <span>Code</span>
        <input
          class="input number"
          list="close-codes"
          inputMode="numeric"
          value={code}
          onInput={(event) => setCode(event.currentTarget.value.replace(/\D/g, ""))}
        />
        <datalist id="close-codes">
          {CODES.map(([known, text]) => (
            <option key={known} value={known}>
              {text}
            </option>
          ))}
        </datalist>
      </label>
      <label class="field">
        <span>Reason, which both sides can read</span>
        <input class="input" value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
      </label>
      {refusal !== "" && <p class="refusal">{refusal}</p>}
    </Dialog>
  );
}
