import { useState } from "preact/hooks";
import type { FrameRecord } from "../../../core/traffic/records.ts";
import { SayDialog } from "../../parts/acting/say-dialog.tsx";
import { WriteButton } from "../../parts/basics.tsx";

/** Sends a recorded message again, edited or not, while its session is open. */
export function ResendButton({ record }: { readonly record: FrameRecord }) {
  const [isOpen, setOpen] = useState(false);
  const { session, origin, payload } = record;
  return (
    <>
      <WriteButton
        look="quiet"
        icon="test"
        title="Send it again, edited or not, while its session is open"
        refusal={payload === null && record.length > 0 ? "Its route keeps no payloads." : ""}
        onClick={() => setOpen(true)}
      >
        Edit and resend
      </WriteButton>
      {isOpen && (
        <SayDialog
          session={session}
          to={origin === "client" ? "server" : "client"}
          payload={payload}
          onDone={() => setOpen(false)}
        />
      )}
    </>
  );
}
