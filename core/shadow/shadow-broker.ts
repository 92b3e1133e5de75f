import type { Broker } from "../../sandbox/contract/capabilities.ts";
import {
  type BrokerOptions,
  CapabilityError,
  createBroker,
  createOverlayKv,
  type Fetcher,
  type GrantingBroker,
  type KvStore,
} from "../../sandbox/index.ts";
import type { PlannedShadow } from "../routes/shadow-use.ts";

/** Of the policies that shadows are versions of. */
export type ShadowCapabilities = Pick<BrokerOptions, "grants" | "secrets">;

/** Carries out what shadows ask for, by the grants of the policies that they are versions of: nothing is changed by it. */
export interface ShadowBroker extends Broker {
  update(shadows: readonly PlannedShadow[], capabilities: ShadowCapabilities): void;
}

interface Entry {
  readonly shadow: PlannedShadow;
  readonly broker: GrantingBroker;
}

export interface ShadowBrokerOptions {
  /** Only read. */
  readonly kv: Pick<KvStore, "get">;
  readonly fetcher: Pick<Fetcher, "fetch">;
}

export function createShadowBroker({ kv, fetcher }: ShadowBrokerOptions): ShadowBroker {
  let entries: ReadonlyMap<string, Entry> = new Map();

  return {
    async carryOut(ask) {
      const entry = entries.get(ask.policy);
      if (entry === undefined)
        throw new CapabilityError("NotGrantedError", `${ask.kind} is not granted: the shadow is over`);
      if (ask.kind === "fetch" && !entry.shadow.fetch) {
        throw new CapabilityError(
          "NotGrantedError",
          "fetch is off in a shadow, for its requests would be sent twice: if it is meant, add fetch: true to its `shadow` in the config",
        );
      }
      return entry.broker.carryOut({ ...ask, policy: entry.shadow.policy });
    },

    update(shadows, capabilities) {
      const kept = entries;
      entries = new Map(
        shadows.map((shadow) => {
          const broker =
            kept.get(shadow.name)?.broker ??
            createBroker({ ...capabilities, kv: createOverlayKv(kv), fetcher, alert() {} });
          broker.update(capabilities);
          return [shadow.name, { shadow, broker }];
        }),
      );
    },
  };
}
