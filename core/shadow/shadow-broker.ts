import type { Broker } from "../../sandbox/contract/capabilities.ts";
import {
  type BrokerOptions,
  CapabilityError,
  createBroker,
  createOverlayKv,
  type Fetcher,
  type GrantingBroker,
  type KvStore,
  type OverlayKv,
  takeFromMemory,
} from "../../sandbox/index.ts";
import type { PlannedShadow } from "../routes/shadow-use.ts";

/** Of the policies that shadows are versions of. */
export type ShadowCapabilities = Pick<BrokerOptions, "grants" | "secrets">;

/** Carries out what shadows ask for, by the grants of the policies that they are versions of: nothing is changed by it. */
export interface ShadowBroker extends Broker {
  update(shadows: readonly PlannedShadow[], capabilities: ShadowCapabilities): void;
  /** What the shadow has written did not all find room: what it says now says nothing of its version. */
  hasLostWrites(shadow: string): boolean;
}

interface Entry {
  readonly shadow: PlannedShadow;
  /** Of this version: the next one begins with what the policy has left. */
  readonly overlay: OverlayKv;
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
          const known = kept.get(shadow.name);
          const { overlay, broker } = known?.shadow.version === shadow.version ? known : open(capabilities);
          broker.update(capabilities);
          return [shadow.name, { shadow, overlay, broker }];
        }),
      );
    },

    hasLostWrites: (shadow) => entries.get(shadow)?.overlay.hasLost() ?? false,
  };

  function open(capabilities: ShadowCapabilities): Pick<Entry, "overlay" | "broker"> {
    const overlay = createOverlayKv(kv);
    return {
      overlay,
      broker: createBroker({ ...capabilities, kv: overlay, takeRate: takeFromMemory(), fetcher, alert() {} }),
    };
  }
}
