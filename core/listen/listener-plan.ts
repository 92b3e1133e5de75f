import type { ListenerConfig } from "../config/index.ts";
import type { NetAddress } from "../net/address.ts";

/** A listener as a worker opens it: the config, and what its TLS files held when they were last in order. Plain data. */
export interface ListenerPlan {
  readonly config: ListenerConfig;
  readonly tls?: TlsMaterial;
  /** What an authority is answered that asks whether names are this gateway's: token → text. Only while it asks, and without TLS. */
  readonly challenges?: Readonly<Record<string, string>>;
  /** An authority may ask here what another gateway of the fleet knows the answer to. */
  readonly asksFleet?: true;
}

export interface TlsMaterial {
  /** None until the first has been ordered; the first is for clients that ask for no name, or for one that no certificate has. */
  readonly certificates: readonly {
    readonly cert: string;
    readonly key: string;
    readonly passphrase?: string;
    /** In lower case, `*.` for any one label. */
    readonly names: readonly string[];
  }[];
  readonly ca?: string;
}

/** Where a listener is bound. */
export interface ListenerAddress extends NetAddress {
  readonly tls: boolean;
}
