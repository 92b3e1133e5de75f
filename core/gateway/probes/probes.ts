import { checkInSandbox } from "../../../policies/options/check-in-sandbox.ts";
import { createSandbox } from "../../../sandbox/index.ts";
import type { GatewayConfig } from "../../config/index.ts";
import type { AskSchema } from "../option-checks.ts";
import { type FirstLoadsOptions, probeFirstInWorker } from "./first-loads.ts";
import { createProbe, type VersionProbe } from "./probe.ts";

export interface ProbesOptions extends Omit<FirstLoadsOptions, "config"> {
  readonly config: GatewayConfig;
  /** In place of all of them, and not closed with them. */
  readonly given: VersionProbe | undefined;
}

/** Where versions are loaded before anybody depends on them. */
export interface Probes {
  /** Of what is to run: at first in a worker. */
  readonly first: VersionProbe;
  readonly later: VersionProbe;
  readonly ofShadows: VersionProbe;
  readonly askSchema: AskSchema;
  close(): Promise<void>;
}

export function createProbes({ config, given, ...first }: ProbesOptions): Probes {
  const open = () => createSandbox({ ...config.sandbox, warmSpare: false, onEvent: () => {} });
  const own = createProbe(open);
  // A version that hangs as it is loaded is not to hold up one that is to run.
  const ofShadows = createProbe(open);
  const ownFirst = probeFirstInWorker(own, { config, ...first });
  const later = given ?? own;
  return {
    first: given ?? ownFirst,
    later,
    ofShadows: given ?? ofShadows,
    askSchema: (schema, options) => checkInSandbox(schema, options, later.exportsOf),
    async close() {
      await Promise.all([ofShadows.close(), ownFirst.close()]);
    },
  };
}
