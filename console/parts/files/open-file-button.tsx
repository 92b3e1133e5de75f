import { useRef } from "preact/hooks";
import { useApp } from "../../state/app.ts";
import { Button } from "../basics.tsx";
import { useOpenFile } from "./use-open-file.ts";

export function OpenFileButton() {
  const { live } = useApp();
  const open = useOpenFile();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button
        icon="open"
        look="quiet"
        label="Open a file"
        title="Open a HAR file or a recording, to look at; or drop it anywhere"
        refusal={
          live.info.value?.role === "reader" ? "Files are opened by admins: sign in with an admin token." : ""
        }
        onClick={() => input.current?.click()}
      />
      <input
        ref={input}
        type="file"
        hidden
        aria-label="A HAR file or a recording"
        accept=".har,.ndjson,.jsonl,.json"
        onChange={({ currentTarget }) => {
          const chosen = currentTarget.files?.[0];
          if (chosen !== undefined) open(chosen);
          // The same file can be chosen again.
          currentTarget.value = "";
        }}
      />
    </>
  );
}
