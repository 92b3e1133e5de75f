import type { Probe } from "../../policies/pack/build.ts";
import type { Pack } from "../../policies/pack/pack.ts";
import { bundleOf, requireDeclared } from "../../policies/pack/pack-bundle.ts";
import { DEFAULT_HOST_LIMITS, DEFAULT_POLICY_LIMITS } from "../../sandbox/defaults.ts";
import { createSandbox } from "../../sandbox/index.ts";
import { requireGrantable } from "./grantable.ts";

/** Runs something that can load bundles in a sandbox of its own. What asks for what cannot be granted is not loaded. */
export async function withProbe<T>(run: (probe: Probe) => Promise<T>): Promise<T> {
  const sandbox = await createSandbox({
    limits: DEFAULT_POLICY_LIMITS,
    host: DEFAULT_HOST_LIMITS,
    warmSpare: false,
    onEvent: () => {},
  });
  try {
    return await run(async (bundle) => {
      const prepared = await sandbox.prepare(bundle);
      prepared.discard();
      requireGrantable(bundle, prepared.exports);
      return prepared.exports;
    });
  } finally {
    await sandbox.close();
  }
}

/** Loads every policy of a pack: what it shows to people must be what it is. */
export async function probePack(pack: Pack): Promise<void> {
  await withProbe(async (probe) => {
    for (const [policy, { bundle: file }] of Object.entries(pack.manifest.policies)) {
      const bundle = bundleOf(pack, policy, undefined, { file: file.path, inputs: [] });
      requireDeclared(bundle, await probe(bundle));
    }
  });
}
