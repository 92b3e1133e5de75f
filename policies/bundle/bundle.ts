import type { PolicyBundle } from "../../sandbox/contract.ts";
import type { CapabilityJson } from "../pack/capabilities.ts";
import type { PackPolicy } from "../pack/manifest.ts";

export interface Bundle extends PolicyBundle {
  /** Absolute paths of all files that went in. */
  readonly inputs: readonly string[];
  /** Of a policy that comes from a pack. */
  readonly packed?: PackedBundle;
}

/** What is known of a bundle that comes from a pack. */
export interface PackedBundle {
  readonly pack: string;
  readonly version: string;
  /** Public key of who signed it; absent: nobody. */
  readonly signer?: string;
  /** What the manifest says that the bundle exports. */
  readonly declared: Pick<PackPolicy, "hooks" | "optionsSchema" | "capabilities">;
  /** What the lock lets this policy do, as the `grants` of a config; `kv` in the pack's own namespace. */
  readonly grants: CapabilityJson;
}
