import type { Broker } from "../sandbox/contract/capabilities.ts";
import type { PolicyLimits } from "../sandbox/contract/limits.ts";
import type { PolicyLogLine, Sandbox } from "../sandbox/contract.ts";
import { createSandbox, DEFAULT_HOST_LIMITS, DEFAULT_POLICY_LIMITS } from "../sandbox/index.ts";
import { Clocks } from "./clock.ts";

/** A sandbox host and what is known of the policies in it. */
export interface Testbed {
  readonly sandbox: Sandbox;
  readonly clocks: Clocks;
  /** A name that no other policy of this host has had. */
  nameFor(policy: string): string;
  onLog(policy: string, listener: (line: PolicyLogLine) => void): void;
  /** @param broker asked under the name that the policy has by itself */
  onAsk(policy: string, shownName: string, broker: Broker): void;
  forget(policy: string): void;
}

/** A test machine is often busy, and a test is not about how fast it is. */
const LIMITS_OF_TESTS: PolicyLimits = {
  ...DEFAULT_POLICY_LIMITS,
  messageTimeoutMs: 500,
  upgradeTimeoutMs: 500,
};
const HOST_LIMITS = { ...DEFAULT_HOST_LIMITS, silenceMs: 5000 };

/** The hosts of this process, one for each set of limits: made when first asked for, never in the way of its end. */
export function createTestbeds(): (limits?: Partial<PolicyLimits>) => Promise<Testbed> {
  const beds = new Map<string, Promise<Testbed>>();
  return (limits = {}) => {
    const whole = { ...LIMITS_OF_TESTS, ...limits };
    const key = JSON.stringify(whole);
    let bed = beds.get(key);
    if (bed === undefined) {
      bed = createTestbed(whole);
      beds.set(key, bed);
    }
    return bed;
  };
}

async function createTestbed(limits: PolicyLimits): Promise<Testbed> {
  const clocks = new Clocks();
  const brokers = new Map<string, { readonly shownName: string; readonly broker: Broker }>();
  const listeners = new Map<string, (line: PolicyLogLine) => void>();
  const sandbox = await createSandbox({
    limits,
    host: HOST_LIMITS,
    warmSpare: false,
    holdsProcess: false,
    testClock: clocks,
    broker: {
      carryOut(ask) {
        const asked = brokers.get(ask.policy);
        if (asked === undefined) throw new Error(`nobody answers what the policy "${ask.policy}" asks`);
        return asked.broker.carryOut({ ...ask, policy: asked.shownName });
      },
    },
    onEvent(event) {
      if (event.type === "log") listeners.get(event.line.policy)?.(event.line);
    },
  });
  const taken = new Map<string, number>();
  return {
    sandbox,
    clocks,
    nameFor(policy) {
      const count = (taken.get(policy) ?? 0) + 1;
      taken.set(policy, count);
      return count === 1 ? policy : `${policy}#${count}`;
    },
    onLog: (policy, listener) => listeners.set(policy, listener),
    onAsk: (policy, shownName, broker) => void brokers.set(policy, { shownName, broker }),
    forget(policy) {
      listeners.delete(policy);
      sandbox.remove(policy);
    },
  };
}
