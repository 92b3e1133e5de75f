import { type Signal, signal } from "@preact/signals";
import type { OpenedFileView } from "../../core/admin/api/files/file-schema.ts";

/** The file that this tab looks at in place of what is recorded; undefined: none. A reload of the page looks at it still. */
export function createOpenedFile(): Signal<OpenedFileView | undefined> {
  const file = signal<OpenedFileView | undefined>(readKept());
  file.subscribe((opened) => {
    try {
      if (opened === undefined) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, JSON.stringify(opened));
    } catch {
      // Without a place to remember it, a reload looks at what is live.
    }
  });
  return file;
}

const KEY = "framegate.file";

function readKept(): OpenedFileView | undefined {
  try {
    return (JSON.parse(sessionStorage.getItem(KEY) ?? "null") as OpenedFileView | null) ?? undefined;
  } catch {
    return undefined;
  }
}
