import { useEffect } from "preact/hooks";
import { useLocation } from "preact-iso";
import { useApp } from "../../state/app.ts";

/** As the API takes it. */
const MOST_BYTES = 16 * 1024 * 1024;

/** Opens a HAR file or a recording, and goes to its frames. */
export function useOpenFile(): (chosen: File) => void {
  const { api, file, attempt } = useApp();
  const { route } = useLocation();
  return (chosen) => {
    void attempt(`${chosen.name} is open.`, async () => {
      if (chosen.size > MOST_BYTES)
        throw new Error(`${chosen.name}: expected a file of at most ${MOST_BYTES / 1024 ** 2} MiB.`);
      const opened = await api.openFile(chosen.name, await chosen.text());
      const before = file.value?.id;
      file.value = opened;
      if (before !== undefined) void api.closeFile(before).catch(() => undefined);
      route("/traffic/websockets");
    });
  };
}

/** What is dropped anywhere on the page is opened. */
export function useFileDrop(): void {
  const open = useOpenFile();
  useEffect(() => {
    const hasFile = ({ dataTransfer }: DragEvent) => dataTransfer?.types.includes("Files") === true;
    const onOver = (event: DragEvent) => {
      if (hasFile(event)) event.preventDefault();
    };
    const onDrop = (event: DragEvent) => {
      if (!hasFile(event)) return;
      event.preventDefault();
      const dropped = event.dataTransfer?.files[0];
      if (dropped !== undefined) open(dropped);
    };
    addEventListener("dragover", onOver);
    addEventListener("drop", onDrop);
    return () => {
      removeEventListener("dragover", onOver);
      removeEventListener("drop", onDrop);
    };
  });
}
