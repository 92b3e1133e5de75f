import type { Sandbox } from "../../sandbox/contract.ts";
import type { RouteRuntime } from "./route-runtime.ts";

/** The policies of one connection, from its upgrade to its end. */
export interface ConnectionPolicies {
  readonly route: Pick<RouteRuntime, "chain" | "epoch">;
  readonly sandbox: Pick<Sandbox, "exports" | "seat">;
  /** The connection has ended: its seats keep their versions until they have, nothing else does. */
  release(): void;
}

function holdsNothing(): void {}

/** With `reload: "pin"` the chain and the versions that there are now; else whatever they are at each message. */
export function takePolicies(
  runtime: RouteRuntime,
  sandbox: Pick<Sandbox, "exports" | "pin" | "seat">,
): ConnectionPolicies {
  if (!runtime.config.session.pinsPolicies) return { route: runtime, sandbox, release: holdsNothing };
  const { chain, epoch } = runtime;
  const pinned = sandbox.pin(chain.map(({ policy }) => policy));
  return { route: { chain, epoch }, sandbox: pinned, release: pinned.release };
}
