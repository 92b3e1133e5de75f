import { useState } from "preact/hooks";
import { Button, Dialog } from "../../parts/basics.tsx";
import { useApp } from "../../state/app.ts";
import { CodeField, ReasonField, refuseCode, refuseReason } from "./close-fields.tsx";

export function CloseDialog({ id, onDone }: { readonly id: string; readonly onDone: () => void }) {
  const { api, attempt } = useApp();
  const [code, setCode] = useState("1001");
  const [reason, setReason] = useState("");
  const value = Number(code);
  const refusal = refuseReason(reason) || refuseCode(value);
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
      <CodeField code={code} onChange={setCode} />
      <ReasonField label="Reason, which both sides can read" reason={reason} onChange={setReason} />
      {refusal !== "" && <p class="refusal">{refusal}</p>}
    </Dialog>
  );
}
