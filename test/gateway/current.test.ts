import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { createCurrent } from "../../core/gateway/current.ts";
import { createGateway, createLogger, resolveConfig } from "../../core/index.ts";
import { createRouteSwitches } from "../../core/routes/route-switches.ts";
import type { PolicySnapshot, PolicyState } from "../../policies/reload/policy-state.ts";
import { createSandbox, type SandboxOptions } from "../../sandbox/index.ts";
import { at } from "../support/at.ts";
import { sharedProbe } from "../support/gateways/shared-probe.ts";
import { connectClient, startServer } from "../support/peers/peers.ts";

const route = { path: "/", upstream: "http://127.0.0.1:1", policies: "*" } as const;

/** As it is found at the start, and does not load. */
const broken: PolicyState = {
  name: "auth",
  file: "/p/auth.ts",
  versions: [],
  isPinned: false,
  problem: { message: "Expected }", frame: "", at: 0 },
  deleted: false,
};

/** Of routes with all policies. */
const currentOf = () =>
  createCurrent({
    config: resolveConfig({ routes: [route] }, { dir: "/" }),
    ...{ secrets: {}, switches: createRouteSwitches() },
    quarantine: () => [],
    breakpoints: () => [],
    drained: () => ({ routes: [], servers: [] }),
    recordings: () => [],
    settle: (policies) => ({ policies, canaries: [] }),
    onCanaryRefused() {},
    consoleAddress: () => undefined,
    shadowSources: { find: () => undefined, follow() {} },
    askSchema: async (_, options) => ({ options }),
    onPlan() {},
  });

test("policies and the config that belongs to them are planned together; what is planned before has neither", async (t) => {
  const current = currentOf();
  const folder = (name: string): PolicySnapshot => ({ policies: [{ ...broken, name }] });
  await current.plan(folder("old"));
  const newest = resolveConfig({ routes: [{ ...route, path: "/new" }] }, { dir: "/" });
  const plans = await Promise.all([current.replan(), current.plan(folder("new"), newest), current.replan()]);
  t.deepEqual(
    plans.map((plan) => plan?.routes.map(({ config, chain }) => [config.path, chain[0]?.policy])),
    [[["/", "old"]], [["/new", "new"]], [["/new", "new"]]],
  );
});

test("there is no plan before the folder is read, and the first has all of it, what never loaded too", async (t) => {
  const current = currentOf();
  const folder: PolicySnapshot = { policies: [broken] };
  const chain = () => current.table?.routes.map(({ chain }) => chain.map(({ policy }) => policy));

  // Asked for one after the other, as by a quarantine while the policies load.
  const plans = await Promise.all([current.replan(), current.plan(folder), current.replan()]);
  t.deepEqual(
    plans.map((plan) => plan?.routes.length),
    [undefined, 1, 1],
  );
  t.deepEqual(chain(), [["auth"]]);
});

test("a policy in quarantine before the first plan: a route with a guard that never loaded fails closed", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "framegate-"));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  await writeFile(join(dir, "auth.ts"), "export const upgrade = (");
  await writeFile(join(dir, "other.ts"), "export const client = () => {};");
  const { url: upstream } = await startServer(t);

  const hired = Promise.withResolvers<SandboxOptions>();
  const gateway = await createGateway(
    {
      listen: [{ host: "127.0.0.1", port: 0 }],
      ...{ console: false, workers: 0, policies: dir },
      sandbox: { warmSpare: false, os: "off" },
      routes: [{ ...route, upstream }],
    },
    {
      logger: createLogger({ level: "error", destination: { write() {} } }),
      watch: false,
      newSandbox(options) {
        hired.resolve(options);
        return createSandbox(options);
      },
      probe: {
        ...sharedProbe,
        async exportsOf(bundle) {
          const entry = { policy: "other", version: "1", reason: "hang", until: 1e15 } as const;
          (await hired.promise).onEvent({ type: "policy-quarantined", entry });
          return sharedProbe.exportsOf(bundle);
        },
      },
    },
  );
  t.teardown(() => gateway.stop());
  await gateway.start();

  const { port } = at(gateway.addresses.listen, 0);
  await t.throwsAsync(connectClient(t, `ws://127.0.0.1:${port}/`), {
    message: "Unexpected server response: 503",
  });
});
