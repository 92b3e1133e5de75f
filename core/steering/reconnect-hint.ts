import type { CloseStatus } from "../wire/close-payload.ts";

/**
 * A Close that says when to come again: the gateway chooses, so that all that are closed together come back at even distances,
 * whatever their clients would do by themselves. In the words of HTTP's Retry-After (RFC 9110 section 10.2.3), with a part
 * of a second.
 *
 * @param withinMs 0: nothing is said
 * @param chance from 0 to below 1
 */
export function hintReconnect(
  { code, reason }: CloseStatus,
  withinMs: number,
  chance = Math.random(),
): CloseStatus {
  if (withinMs === 0) return { code, reason };
  return { code, reason: `${reason}; retry-after=${((chance * withinMs) / 1000).toFixed(1)}` };
}
