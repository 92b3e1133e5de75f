import { join } from "node:path";
import test from "ava";
import { findInnermost } from "../../sandbox/client/process/process-tree.ts";
import { makeFolder } from "../config/folder.ts";
import { hasGivenBack } from "../support/child-processes.ts";
import { eventually } from "../support/eventually.ts";
import { bundlePolicy, findHosts, show, startSandbox } from "./support.ts";

// Serial: the tests tell hosts by their parent, which is this process.
test.serial("there is no host process before the first load, and one from then on", async (t) => {
  const fixture = await startSandbox(t, { warmSpare: true });
  t.deepEqual(findHosts(), []);
  t.deepEqual(fixture.sandbox.stats().host, { rssBytes: 0, cpuUs: 0 });
  await fixture.use("first", "export const client = () => {};");
  t.is(show(await fixture.seat("first").client({})), "unchanged");
  fixture.sandbox.remove("first");
  await fixture.use("second", "export const client = () => {};");
  t.is(
    fixture.events.find(({ type }) => type === "host-ended"),
    undefined,
  );
});

test.serial(
  "a host process that does not start is the error of each load, with its last lines",
  async (t) => {
    const { sandbox, events } = await startSandbox(t, { hostMain: "/nowhere/sandbox/host/main.js" });
    for (const name of ["first", "second"]) {
      const error = await t.throwsAsync(
        sandbox.prepare(await bundlePolicy(name, "export const client = () => {};")),
        {
          code: "ERR_HOST_START",
        },
      );
      t.true(
        error?.message.startsWith(
          `Policy \`${name}\` could not be loaded: the sandbox's host process does not start: `,
        ),
      );
      t.regex(String(error?.message), /\/nowhere\/sandbox/);
    }
    t.true(events.some((event) => event.type === "host-replaced" && event.reason === "exited"));
  },
);

test.serial("a host's own heap stays small, its young generation included", async (t) => {
  const text =
    "throw new Error('heap: ' + require('node:v8').getHeapStatistics().heap_size_limit / 2 ** 20 + ' MiB');";
  const folder = await makeFolder(t, { "sandbox/host/main.cjs": text });
  const { sandbox } = await startSandbox(t, { hostMain: join(folder, "sandbox/host/main.cjs") });
  const error = await t.throwsAsync(
    sandbox.prepare(await bundlePolicy("first", "export const client = () => {};")),
  );
  const [, limit] = /heap: ([\d.]+) MiB/.exec(String(error?.message)) ?? [];
  // Of the old generation 512, and of the young one three times its half.
  t.true(Number(limit) <= 512 + 3 * 8, String(error?.message));
});

test.serial("a host that is asked nothing gives back what its start has taken", async (t) => {
  const fixture = await startSandbox(t);
  await fixture.use("first", "export const client = () => {};");
  const [pid = 0] = findHosts();
  await eventually("room of its heap to be given back", () => hasGivenBack(findInnermost(pid)));
  t.is(show(await fixture.seat("first").client({})), "unchanged");
});

test.serial(
  "a host that waits for calls goes on with what policies wait for, though nobody pings it",
  async (t) => {
    const hour = 3_600_000;
    const fixture = await startSandbox(t, {
      host: { heartbeatMs: hour, silenceMs: hour },
      limits: { asyncTimeoutMs: 1000 },
    });
    await fixture.use(
      "waits",
      `const key = () => crypto.subtle.generateKey({ name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    let hasKey = false;
    export const client = ({ content }) => {
      const wanted = content.body;
      if (wanted === "whether there is a key") return hasKey ? undefined : { drop: true };
      if (wanted === "nothing ever") return new Promise(() => {});
      if (wanted === "a timer") return new Promise((resolve) => setTimeout(resolve, 5));
      if (wanted === "a key") return key().then(() => {});
      if (wanted === "a key, and is not told") void key().then(() => { hasKey = true; });
    };`,
    );
    const { client } = fixture.seat("waits");
    // First, when nothing else has it look up.
    t.is(show(await client("a key, and is not told")), "unchanged");
    await eventually(
      "the key that nobody waits for",
      async () => show(await client("whether there is a key")) === "unchanged",
    );
    for (const wanted of ["nothing", "a timer", "nothing", "a key", "nothing", "a timer"])
      t.is(show(await client(wanted)), "unchanged", wanted);
    t.regex(String(show(await client("nothing ever"))), /timeout/);
  },
);
