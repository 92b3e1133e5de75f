import { isIPv6 } from "node:net";

/** Who has shown too many wrong tokens is not listened to for a while. */
export interface GuessLimit {
  /** How long this address has to wait before it may show a token, whole seconds; 0 when it may. */
  waitSeconds(address: string): number;
  countFailure(address: string): void;
}

const MOST_FAILURES = 10;
const WINDOW_MS = 60_000;
const MOST_ADDRESSES = 10_000;

export function createGuessLimit(now: () => number = Date.now): GuessLimit {
  const failures = new Map<string, { count: number; endsAt: number }>();

  return {
    waitSeconds(address) {
      const entry = failures.get(networkOf(address));
      if (entry === undefined || entry.count < MOST_FAILURES) return 0;
      return Math.max(0, Math.ceil((entry.endsAt - now()) / 1000));
    },
    countFailure(address) {
      const key = networkOf(address);
      const entry = failures.get(key);
      if (entry !== undefined && entry.endsAt > now()) {
        entry.count++;
        // Each guess more at the limit makes the wait a whole one again.
        if (entry.count >= MOST_FAILURES) entry.endsAt = now() + WINDOW_MS;
        return;
      }
      failures.delete(key);
      if (failures.size >= MOST_ADDRESSES) failures.delete(failures.keys().next().value!);
      failures.set(key, { count: 1, endsAt: now() + WINDOW_MS });
    },
  };
}

/** Who has one address of IPv6 has all of its /64. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith("::ffff:")) return address;
  const [head = "", tail] = address.split("%")[0]!.split("::");
  const start = head === "" ? [] : head.split(":");
  const end = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? [] : Array<string>(8 - start.length - end.length).fill("0");
  return [...start, ...zeros, ...end].slice(0, 4).join(":");
}
