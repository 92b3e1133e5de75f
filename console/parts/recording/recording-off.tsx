import { useState } from "preact/hooks";
import { Empty, WriteButton } from "../basics.tsx";
import { useRecording } from "./recording.ts";
import { RecordingDialog } from "./recording-dialog.tsx";

/** In place of records that there cannot be: that nothing is recorded, and the switch. */
export function RecordingOff({ route = "" }: { readonly route?: string | undefined }) {
  const [{ value }, reload] = useRecording();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Empty
        icon="frames"
        title={route === "" ? "Recording is off" : `Recording is off for ${route}`}
        actions={
          <WriteButton look="primary" onClick={() => setOpen(true)}>
            Switch recording on
          </WriteButton>
        }
      >
        What passes is not kept, so nothing of it can be shown. Switch it on for a while, or set{" "}
        <code>recording</code> in the config to have it always.
      </Empty>
      {isOpen && value !== undefined && (
        <RecordingDialog recording={value} route={route} onChange={reload} onClose={() => setOpen(false)} />
      )}
    </>
  );
}
