import test from "ava";
import { resolveConfig } from "../../core/config/index.ts";
import { probeFirstInWorker } from "../../core/gateway/probes/first-loads.ts";
import { WorkerGoneError } from "../../core/workers/worker.ts";
import type { PolicyExports } from "../../sandbox/contract.ts";
import { SandboxError } from "../../sandbox/index.ts";

const upstream = "http://127.0.0.1:1";
const exports: PolicyExports = { hooks: ["client"] };
const bundleOf = (name: string) => ({ name, version: "1", code: "", file: `/p/${name}.ts` }) as never;

/** Says who was asked to load which policy. */
function staged(config: object, failure?: Error) {
  const asked: string[] = [];
  let isStarting = true;
  const ask = async (who: string): Promise<PolicyExports> => {
    asked.push(who);
    if (failure !== undefined && who.startsWith("worker")) throw failure;
    return exports;
  };
  const probe = probeFirstInWorker(
    {
      expect: (names) => void asked.push(`probe expects: ${names}`),
      exportsOf: ({ name }) => ask(`probe: ${name}`),
      hostFault: undefined,
      close: async () => {},
    },
    {
      config: resolveConfig(config as never, { dir: "/" }),
      expectVersions: () => void asked.push("worker expects some"),
      loadAhead: ({ name }, isKept) => ask(`worker: ${name}${isKept ? ", kept" : ""}`),
      isStarting: () => isStarting,
    },
  );
  return {
    ...{ probe, asked },
    started() {
      isStarting = false;
    },
  };
}

test("until connections are taken a worker loads what shares a host; the probe what may be apart, and all that comes later", async (t) => {
  const { probe, asked, started } = staged({
    workers: 1,
    routes: [{ path: "/", upstream, policies: ["a"] }],
  });
  for (const name of ["a", "unused", "@framegate/standard/jwt", "@acme/guard/redact"])
    t.is(await probe.exportsOf(bundleOf(name)), exports);
  started();
  await probe.exportsOf(bundleOf("a"));

  t.deepEqual(asked, [
    "worker: a, kept",
    "worker: unused",
    "worker: @framegate/standard/jwt",
    "probe: @acme/guard/redact",
    "probe: a",
  ]);
});

test("what is built is announced to whoever will load it", (t) => {
  const { probe, asked, started } = staged({ workers: 1, routes: [] });
  probe.expect(["a", "@acme/guard/redact"]);
  probe.expect(["a"]);
  started();
  probe.expect(["a"]);
  t.deepEqual(asked, [
    "probe expects: @acme/guard/redact",
    "worker expects some",
    "worker expects some",
    "probe expects: a",
  ]);
});

test("where the config wants anything apart, or sessions run in this process, the probe loads all", async (t) => {
  const configs = [
    { workers: 0 },
    { workers: 1, sandbox: { isolation: "own" } },
    { workers: 1, routes: [{ path: "/", upstream, policies: "*", isolation: "own" }] },
    { workers: 1, routes: [{ path: "/", upstream, policies: [{ use: "b", isolation: "own" }] }] },
  ];
  for (const config of configs) {
    const { probe, asked } = staged({ routes: [], ...config });
    await probe.exportsOf(bundleOf("a"));
    t.deepEqual(asked, ["probe: a"], JSON.stringify(config));
  }
});

test("without a worker the probe loads; what a policy or its host lacks is told as the probe tells it", async (t) => {
  const gone = staged({ workers: 1, routes: [] }, new WorkerGoneError("it ended"));
  await gone.probe.exportsOf(bundleOf("a"));
  t.deepEqual(gone.asked, ["worker: a", "probe: a"]);

  for (const code of ["ERR_POLICY_LOAD", "ERR_HOST_START"] as const) {
    const { probe, asked } = staged({ workers: 1, routes: [] }, new SandboxError(code, "it does not"));
    await t.throwsAsync(probe.exportsOf(bundleOf("a")), { code });
    t.deepEqual(asked, ["worker: a"]);
    t.is(probe.hostFault?.code, code === "ERR_HOST_START" ? code : undefined);
  }
});

test("a load that needed no worker shows that there are hosts again", async (t) => {
  const { probe, started } = staged(
    { workers: 1, routes: [] },
    new SandboxError("ERR_HOST_START", "it does not"),
  );
  await t.throwsAsync(probe.exportsOf(bundleOf("a")), { code: "ERR_HOST_START" });
  t.is(probe.hostFault?.code, "ERR_HOST_START");
  started();
  await probe.exportsOf(bundleOf("a"));
  t.is(probe.hostFault, undefined);
});

test("a gateway that is to stop does not wait for a load", async (t) => {
  const config = resolveConfig({ workers: 1, routes: [] }, { dir: "/" });
  const probe = probeFirstInWorker(
    { expect() {}, exportsOf: async () => exports, hostFault: undefined, close: async () => {} },
    { config, expectVersions() {}, loadAhead: () => new Promise(() => {}), isStarting: () => true },
  );
  const loading = probe.exportsOf(bundleOf("a"));
  await probe.close();
  await t.throwsAsync(loading, { code: "ERR_SANDBOX_CLOSED" });
});
