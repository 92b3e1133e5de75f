import type { Broker, CapabilityAsk, PolicyAlert } from "../../../sandbox/contract/capabilities.ts";
import type { FetchGrant } from "../../../sandbox/index.ts";
import {
  createBroker,
  createFetcher,
  createMemoryKv,
  type Grants,
  type KvStore,
  type TakeRate,
  takeFromMemory,
} from "../../../sandbox/index.ts";

export const fetchGrant: FetchGrant = {
  hosts: ["127.0.0.1:*", "localhost:*"],
  methods: ["GET", "POST"],
  maxRequestBytes: 65_536,
  maxResponseBytes: 65_536,
  // A busy machine's.
  timeoutMs: 60_000,
  private: true,
};

export interface GrantedOptions {
  readonly grants?: Grants;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly kv?: KvStore;
  readonly takeRate?: TakeRate;
  alert?(alert: PolicyAlert): void;
}

/** A broker as the gateway has it, in this process. */
export function grantingBroker({
  grants = {},
  secrets = {},
  kv = createMemoryKv(),
  takeRate = takeFromMemory(),
  alert = () => {},
}: GrantedOptions = {}) {
  return createBroker({ grants, secrets, kv, takeRate, fetcher: createFetcher(), alert });
}

/** A broker that answers when the test says so. */
export function heldBroker(): Broker & {
  readonly asks: CapabilityAsk[];
  /** The first ask, past or to come. */
  asked(count?: number): Promise<void>;
  /** Answer all asks so far, and those to come: a busy machine may have a call run, and ask, once more. */
  release(text: string): void;
} {
  const asks: CapabilityAsk[] = [];
  const held: ((text: string) => void)[] = [];
  let answer: string | undefined;
  const waiting: { readonly count: number; resolve(): void }[] = [];
  return {
    asks,
    carryOut(ask) {
      asks.push(ask);
      for (const one of waiting) if (asks.length >= one.count) one.resolve();
      if (answer !== undefined) return Promise.resolve({ text: answer });
      return new Promise((resolve) => held.push((text) => resolve({ text })));
    },
    asked(count = 1) {
      if (asks.length >= count) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push({ count, resolve });
      return promise;
    },
    release(text) {
      answer = text;
      for (const settle of held.splice(0)) settle(text);
    },
  };
}
