import { showDuration } from "../../../core/terminal/duration.ts";
import type { ReloadResult } from "../../../policies/reload/policy-state.ts";
import { withoutTitles } from "./frames.ts";
import type { Words } from "./words.ts";

/** @param wasBroken the file did not load before */
export function wordReload(result: ReloadResult, wasBroken: boolean): Words {
  const { policy: subject, outcome, durationMs, message = "", frame, stays } = result;
  const again = wasBroken ? ", fine again" : "";
  switch (outcome) {
    case "loaded":
    case "reloaded":
      return { level: "info", subject, text: `${outcome} in ${showDuration(durationMs)}${again}` };
    case "unchanged":
      if (!wasBroken) return { level: "debug", subject, text: "unchanged" };
      return { level: "info", subject, text: "is fine again: the file is what runs" };
    case "rolled back":
      return { level: "info", subject, text: `is back at version ${result.version}` };
    case "removed":
      return { level: "warn", subject, text: "removed: its file has been missing for a second" };
    case "failed": {
      const since = stays === undefined ? "no version of it has ever been" : "the last good version stays";
      return {
        level: "error",
        ...(subject === "" ? { text: message } : { subject, text: `not loaded, ${since}: ${message}` }),
        ...(frame && { frame: withoutTitles(frame, message) }),
      };
    }
  }
}
