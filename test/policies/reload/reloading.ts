import { createContext, runInContext } from "node:vm";
import type { ExecutionContext } from "ava";
import type { Bundle } from "../../../policies/bundle/bundle.ts";
import type { PolicySnapshot, PolicyState, ReloadResult } from "../../../policies/reload/policy-state.ts";
import { createReloader, type Reloader, type ReloaderOptions } from "../../../policies/reload/reloader.ts";
import type { HookName } from "../../../sandbox/contract/hooks.ts";
import type { PolicyExports } from "../../../sandbox/contract.ts";
import { createSignal } from "../signal.ts";

export interface Reloading {
  readonly reloader: Reloader;
  readonly results: readonly ReloadResult[];
  readonly snapshots: readonly PolicySnapshot[];
  /** The newest state of a policy. */
  state(name: string): PolicyState | undefined;
  /** What the current version of a policy exports as `route`: its version, for these tests. */
  version(name: string): unknown;
  until(condition: () => boolean, what: string): Promise<void>;
}

/** A reloader on a real folder, started; policies say by `export const route = …` which version of them it is. */
export async function startReloading(
  t: ExecutionContext,
  dir: string,
  options: Partial<ReloaderOptions> = {},
): Promise<Reloading> {
  const signal = createSignal();
  const results: ReloadResult[] = [];
  const snapshots: PolicySnapshot[] = [];
  const reloader = createReloader({
    dir,
    watch: true,
    probe: async (bundle) => runBundle(bundle),
    onResult(result) {
      results.push(result);
      signal.raise();
    },
    ...options,
    async onSnapshot(snapshot) {
      await options.onSnapshot?.(snapshot);
      snapshots.push(snapshot);
      signal.raise();
    },
  });
  t.teardown(() => reloader.close());
  snapshots.push(await reloader.start());
  const state = (name: string) => snapshots.at(-1)!.policies.find((policy) => policy.name === name);
  return {
    reloader,
    results,
    snapshots,
    state,
    version: (name) => state(name)?.current?.exports.route,
    until: signal.until,
  };
}

export function runBundle(bundle: Bundle): PolicyExports {
  const realm = createContext({});
  try {
    runInContext(bundle.code, realm);
  } catch (error) {
    // An error of another realm is no instance of ours; the sandbox gives its own as well.
    throw new Error((error as Error).message);
  }
  const exports: Record<string, unknown> = runInContext("__policy", realm);
  const hooks = (["upgrade", "client", "server", "close"] satisfies HookName[]).filter(
    (hook) => hook in exports,
  );
  return { hooks, route: exports.route };
}

export function policyText(version: string | number): string {
  return `export const route = ${JSON.stringify(version)};\nexport const client = () => {};\n`;
}
