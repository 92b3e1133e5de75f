import type { ReloadResult } from "../../../policies/reload/policy-state.ts";
import type { Logger } from "../../log.ts";

/** What became of a policy that was read again. */
export function logReload(logger: Logger, result: ReloadResult): void {
  const { outcome, message, frame, stays, ...fields } = result;
  if (outcome === "failed") {
    logger.error(frame ? { ...fields, frame } : fields, wordReloadFailure(result));
  } else if (outcome === "removed") {
    logger.warn(fields, "policy removed");
  } else if (outcome === "unchanged") {
    logger.debug(fields, `policy ${outcome}`);
  } else {
    logger.info(fields, `policy ${outcome}`);
  }
}

/** What is wrong with the folder is no policy's fault. */
export function wordReloadFailure({ policy, message = "", stays }: ReloadResult): string {
  if (policy === "") return message;
  const since = stays === undefined ? "no version of it has ever been" : "the last good version stays";
  return `policy "${policy}" not loaded, ${since}: ${message}`;
}
