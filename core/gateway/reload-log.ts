import type { ReloadResult } from "../../policies/reload/policy-state.ts";
import type { Logger } from "../log.ts";

/** What became of a policy that was read again. */
export function logReload(logger: Logger, { outcome, message, frame, ...fields }: ReloadResult): void {
  if (outcome === "failed") {
    // What is wrong with the folder is no policy's fault.
    const text =
      fields.policy === ""
        ? `${message}`
        : `policy "${fields.policy}" not loaded, the last good version stays: ${message}`;
    logger.error(frame ? { ...fields, frame } : fields, text);
  } else if (outcome === "removed") {
    logger.warn(fields, "policy removed");
  } else if (outcome === "unchanged") {
    logger.debug(fields, `policy ${outcome}`);
  } else {
    logger.info(fields, `policy ${outcome}`);
  }
}
