import type { PolicyLimits } from "../../contract/limits.ts";

/** So many bytes of messages get a millisecond more: what a hook that looks at each of them takes, on a busy machine too. */
const BYTES_PER_MS = 128 * 1024;

/**
 * How long a batch of calls may run. What there is to read counts as well: a large message takes its time, whatever the
 * policy does with it. Never longer than the slowest hook may, which is what the host's silence is judged by.
 *
 * @param size of all messages of the batch, in bytes or UTF-16 units
 */
export function batchLimitMs(
  isUpgrade: boolean,
  size: number,
  { messageTimeoutMs, upgradeTimeoutMs }: Pick<PolicyLimits, "messageTimeoutMs" | "upgradeTimeoutMs">,
): number {
  if (isUpgrade) return upgradeTimeoutMs;
  const most = Math.max(messageTimeoutMs, upgradeTimeoutMs);
  return Math.min(most, messageTimeoutMs + Math.floor(size / BYTES_PER_MS));
}
