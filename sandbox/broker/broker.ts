import type { Broker, CapabilityAnswer, CapabilityAsk, PolicyAlert } from "../contract/capabilities.ts";
import type { TakeRate } from "../rates/claim.ts";
import { takeFromMemory } from "../rates/rate-book.ts";
import type { WireKv } from "../wire/ask-texts.ts";
import { CapabilityError } from "./errors.ts";
import { createFetcher, type Fetcher } from "./fetch.ts";
import { findGrant, type Grant, type Grants, namespaceOf, notGranted } from "./grants.ts";
import { type KvStore, MAX_KEY, MAX_VALUE } from "./kv-store.ts";
import { createMemoryKv } from "./memory-kv.ts";
import { readAlertAsk, readFetchAsk, readKvAsk, readRateAsk, readSecretAsk } from "./read-ask.ts";
import { takeOfRate } from "./take-rate.ts";

export interface BrokerOptions {
  readonly grants: Grants;
  /** Values by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly kv: KvStore;
  readonly takeRate: TakeRate;
  readonly fetcher: Pick<Fetcher, "fetch">;
  /** Takes what policies want people to know. */
  alert(alert: PolicyAlert): void;
}

export interface GrantingBroker extends Broker {
  /** What is asked from now on is held against these. */
  update(next: Pick<BrokerOptions, "grants" | "secrets">): void;
}

/** Longest life of a value: 10 years. */
const MAX_EXPIRES_MS = 10 * 365 * 24 * 3600 * 1000;

/** The trusted side of the capabilities: looks up what the policy has been granted, and does that and no more. */
export function createBroker({ kv, takeRate, fetcher, alert, ...first }: BrokerOptions): GrantingBroker {
  let { grants, secrets } = first;

  async function fetch(ask: CapabilityAsk, grant: Grant | undefined): Promise<CapabilityAnswer> {
    const wire = readFetchAsk(ask.text);
    if (grant?.fetch === undefined) {
      const host = URL.parse(wire.url)?.host ?? "";
      throw notGranted("fetch", ask.policy, `fetch: { hosts: [${JSON.stringify(host)}] }`);
    }
    const { policy, binary: body, signal } = ask;
    return fetcher.fetch({ policy, grant: grant.fetch, wire, body, signal });
  }

  async function useKv(ask: CapabilityAsk, grant: Grant | undefined): Promise<CapabilityAnswer> {
    if (grant?.kv === undefined) throw notGranted("kv", ask.policy, "kv: true");
    const wire = readKvAsk(ask.text);
    const key = keyOf(grant.kv.namespace ?? namespaceOf(ask.policy), wire.key);
    return { text: JSON.stringify((await runKv(kv, key, wire)) ?? null) };
  }

  async function useRate(ask: CapabilityAsk, grant: Grant | undefined): Promise<CapabilityAnswer> {
    const granted = grant?.rates ?? grant?.kv;
    if (granted === undefined) throw notGranted("rates", ask.policy, "rates: true");
    const namespace = granted.namespace ?? namespaceOf(ask.policy);
    return { text: JSON.stringify(await takeOfRate(takeRate, namespace, readRateAsk(ask.text))) };
  }

  async function readSecret(ask: CapabilityAsk, grant: Grant | undefined): Promise<CapabilityAnswer> {
    const name = readSecretAsk(ask.text);
    const granted = grant?.secrets ?? [];
    if (!granted.includes(name)) {
      const names = [...granted, name].map((one) => JSON.stringify(one)).join(", ");
      throw notGranted(`the secret ${JSON.stringify(name)}`, ask.policy, `secrets: [${names}]`);
    }
    if (!Object.hasOwn(secrets, name)) {
      throw new CapabilityError(
        "Error",
        `the secret ${JSON.stringify(name)} has no value: add it to \`secrets\` in the config`,
      );
    }
    return { text: secrets[name] as string };
  }

  async function raise(ask: CapabilityAsk, grant: Grant | undefined): Promise<CapabilityAnswer> {
    const { policy, version } = ask;
    if (grant?.alert === undefined) throw notGranted("alert", policy, "alert: true");
    alert({ policy, version, ...readAlertAsk(ask.text) });
    return { text: "" };
  }

  const carriers = { fetch, kv: useKv, secret: readSecret, alert: raise, rate: useRate };

  return {
    async carryOut(ask) {
      return carriers[ask.kind](ask, findGrant(grants, ask.policy));
    },
    update(next) {
      ({ grants, secrets } = next);
    },
  };
}

/** Grants nothing: every ask is answered with what to add. */
export function createStingyBroker(): Broker {
  const nothing = { fetcher: createFetcher(), kv: createMemoryKv(), takeRate: takeFromMemory(), alert() {} };
  return createBroker({ grants: {}, secrets: {}, ...nothing });
}

function runKv(kv: KvStore, key: string, wire: WireKv): Promise<unknown> {
  switch (wire.op) {
    case "get":
      return kv.get(key);
    case "delete":
      return kv.delete(key);
    case "set":
      return kv.set(key, checkValue(wire.value), checkExpires(wire.expires));
    case "increment":
      if (!Number.isSafeInteger(wire.by))
        throw new CapabilityError("TypeError", "kv.increment: `by` is not a whole number");
      return kv.increment(key, wire.by, checkExpires(wire.expires));
    case "compareAndSet": {
      const value = wire.value === null ? null : checkValue(wire.value);
      return kv.compareAndSet(key, wire.expected, value, checkExpires(wire.expires));
    }
  }
}

/** No name of a namespace holds the character between it and the key. */
function keyOf(namespace: string, key: unknown): string {
  const whole = `${encodeURIComponent(namespace)}:${String(key)}`;
  if (typeof key !== "string" || key === "" || whole.length > MAX_KEY) {
    throw new CapabilityError(
      "RangeError",
      `kv: expected a key of at most ${MAX_KEY} characters with its namespace`,
    );
  }
  return whole;
}

function checkValue(value: unknown): string {
  if (typeof value !== "string" || Buffer.byteLength(value) > MAX_VALUE) {
    throw new CapabilityError("RangeError", `kv: expected a value of at most ${MAX_VALUE} bytes of JSON`);
  }
  return value;
}

function checkExpires(expires: unknown): number | undefined {
  if (expires === undefined) return undefined;
  if (!Number.isSafeInteger(expires) || (expires as number) < 1) {
    throw new CapabilityError("TypeError", "kv: expected `expires` to be a number of milliseconds above 0");
  }
  return Math.min(expires as number, MAX_EXPIRES_MS);
}
