import type { GatewayEvent } from "../../events.ts";
import type { RedactionRules } from "../../redaction/rules.ts";
import type { PolicyView } from "./api-schema.ts";

export type LastFault = NonNullable<PolicyView["lastFault"]>;

/** What has gone wrong in policies lately, as the events tell it. */
export interface LastFaults {
  observe(event: GatewayEvent): void;
  /** The last one of a policy, of whichever version. */
  of(policy: string): LastFault | undefined;
  /** Of this version, in the last five minutes. */
  recent(policy: string, version: string): number;
}

interface Noted {
  readonly last: LastFault;
  readonly version: string;
  /** How many in each minute since 1970, of the last ones. */
  readonly minutes: Map<number, number>;
}

const MINUTE_MS = 60_000;
const RECENT_MINUTES = 5;

/** Redacted, for errors quote what they failed on. */
export function createLastFaults(
  rules: Pick<RedactionRules, "redactText">,
  now: () => number = Date.now,
): LastFaults {
  const faults = new Map<string, Noted>();
  const minuteNow = () => Math.floor(now() / MINUTE_MS);
  return {
    observe(event) {
      if (event.type !== "policy-fault") return;
      const { policy, version, hook, reason } = event.fault;
      const message = rules.redactText(event.fault.message);
      const stack = rules.redactText(event.fault.stack);
      const last = { hook, reason, message, stack, session: event.session, time: now() };
      const known = faults.get(policy);
      const minutes = known?.version === version ? known.minutes : new Map<number, number>();
      const minute = minuteNow();
      minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
      for (const old of minutes.keys()) if (old <= minute - RECENT_MINUTES) minutes.delete(old);
      faults.set(policy, { last, version, minutes });
    },
    of: (policy) => faults.get(policy)?.last,
    recent(policy, version) {
      const known = faults.get(policy);
      if (known?.version !== version) return 0;
      const from = minuteNow() - RECENT_MINUTES;
      return [...known.minutes].reduce((sum, [minute, count]) => (minute > from ? sum + count : sum), 0);
    },
  };
}
