import test, { type ExecutionContext } from "ava";
import { createProbe } from "../../core/gateway/probes/probe.ts";
import type { Sandbox } from "../../sandbox/contract.ts";
import { createSandbox, DEFAULT_HOST_LIMITS, DEFAULT_POLICY_LIMITS } from "../../sandbox/index.ts";
import { bundlePolicy } from "../sandbox/support.ts";
import { eventually } from "../support/eventually.ts";

/** Opens real sandboxes, and notes what becomes of them. */
function startOpening(t: ExecutionContext) {
  const opened: Sandbox[] = [];
  let closed = 0;
  const open = async (): Promise<Sandbox> => {
    const limits = { ...DEFAULT_POLICY_LIMITS, messageTimeoutMs: 500 };
    const sandbox = await createSandbox({
      limits,
      host: DEFAULT_HOST_LIMITS,
      warmSpare: false,
      onEvent() {},
    });
    t.teardown(() => sandbox.close());
    const noted = { ...sandbox, close: () => sandbox.close().then(() => void closed++) };
    opened.push(noted);
    return noted;
  };
  return { opened, open, closed: () => closed };
}

test("nothing is opened before the first load, one sandbox takes many, and it is closed with the probe", async (t) => {
  const { opened, open, closed } = startOpening(t);
  const probe = createProbe(open);
  t.is(opened.length, 0);
  const [client, upgrade] = await Promise.all([
    probe.exportsOf(await bundlePolicy("a", "export const client = () => {};")),
    probe.exportsOf(await bundlePolicy("b", "export const upgrade = () => {};")),
  ]);
  t.deepEqual([...client.hooks], ["client"]);
  t.deepEqual([...upgrade.hooks], ["upgrade"]);
  await t.throwsAsync(probe.exportsOf(await bundlePolicy("c", "throw new Error('no');")), {
    code: "ERR_POLICY_LOAD",
  });
  t.deepEqual([opened.length, closed()], [1, 0]);
  await probe.close();
  t.is(closed(), 1);
});

test("a sandbox that nothing has been loaded in for a while is closed; the next load opens another", async (t) => {
  const { opened, open, closed } = startOpening(t);
  const probe = createProbe(open, 1);
  t.teardown(probe.close);
  const bundle = await bundlePolicy("a", "export const client = () => {};");
  await probe.exportsOf(bundle);
  await eventually("the sandbox is closed", () => closed() === 1);
  await probe.exportsOf(bundle);
  t.is(opened.length, 2);
});

test("a probe that is closed gives up what it loads, and loads nothing more", async (t) => {
  const open = Promise.withResolvers<Sandbox>();
  const probe = createProbe(() => open.promise);
  const bundle = await bundlePolicy("a", "export const client = () => {};");
  const loading = t.throwsAsync(probe.exportsOf(bundle), { code: "ERR_SANDBOX_CLOSED" });
  const closing = probe.close();
  await loading;
  await t.throwsAsync(probe.exportsOf(bundle), { code: "ERR_SANDBOX_CLOSED" });
  open.reject(new Error("no process"));
  await closing;
});

test("a sandbox that could not be opened is tried again at the next load", async (t) => {
  const { open } = startOpening(t);
  let attempts = 0;
  const probe = createProbe(() => (++attempts === 1 ? Promise.reject(new Error("no process")) : open()));
  t.teardown(probe.close);
  const bundle = await bundlePolicy("a", "export const client = () => {};");
  await t.throwsAsync(probe.exportsOf(bundle), { message: "no process" });
  t.deepEqual([...(await probe.exportsOf(bundle)).hooks], ["client"]);
});

test("whether the last load had a host process is known, and is no matter of what it loaded", async (t) => {
  const { open } = startOpening(t);
  const broken = async (): Promise<Sandbox> => {
    const options = { limits: DEFAULT_POLICY_LIMITS, host: DEFAULT_HOST_LIMITS, warmSpare: false };
    const sandbox = await createSandbox({
      ...options,
      hostMain: "/nowhere/sandbox/host/main.js",
      onEvent() {},
    });
    t.teardown(() => sandbox.close());
    return sandbox;
  };
  const openings = [broken, open];
  const probe = createProbe(() => (openings.shift() ?? open)(), 1);
  t.teardown(probe.close);
  const bundle = await bundlePolicy("a", "export const client = () => {};");
  await t.throwsAsync(probe.exportsOf(bundle), { code: "ERR_HOST_START" });
  t.is(probe.hostFault?.code, "ERR_HOST_START");
  await eventually("the sandbox is closed", () => openings.length === 1);
  await eventually("another sandbox is opened", () =>
    probe.exportsOf(bundle).then(
      () => true,
      () => false,
    ),
  );
  t.is(probe.hostFault, undefined);
});
