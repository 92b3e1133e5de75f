import { useState } from "preact/hooks";
import { Button } from "../basics.tsx";
import { type RecordingReach, reachOf, useRecording } from "./recording.ts";
import { RecordingDialog } from "./recording-dialog.tsx";
import "./recording.css";

const WORDS: Readonly<Record<RecordingReach, string>> = {
  off: "Not recording",
  some: "Recording some",
  all: "Recording",
};

/** Says whether anything is recorded, and opens what switches it. */
export function RecordingButton({ route = "" }: { readonly route?: string | undefined }) {
  const [{ value }, reload] = useRecording();
  const [isOpen, setOpen] = useState(false);
  if (value === undefined) return null;
  const reach = reachOf(value, route);
  return (
    <>
      <Button
        label={`${WORDS[reach]}: change it`}
        title="What is recorded, and for how long"
        onClick={() => setOpen(true)}
      >
        <span class={`record-dot ${reach}`} />
        <span class="wide">{WORDS[reach]}</span>
      </Button>
      {isOpen && (
        <RecordingDialog recording={value} route={route} onChange={reload} onClose={() => setOpen(false)} />
      )}
    </>
  );
}
