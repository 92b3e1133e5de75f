import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { build } from "esbuild";
import type { HookName } from "../../sandbox/contract/hooks.ts";
import { makeFolder } from "../policies/temporary-folder.ts";
import { type Fixture, faultOf, show, startSandbox } from "../sandbox/support.ts";

const teardowns: (() => unknown)[] = [];
const scope = { teardown: (end: () => unknown) => void teardowns.push(end) };
let fixture: Fixture;

test.before(async () => {
  const hostMain = join(await makeFolder(scope), "host", "main.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("./taken-over-host.ts", import.meta.url))],
    outfile: hostMain,
    bundle: true,
    platform: "node",
    format: "esm",
  });
  fixture = await startSandbox(scope, { hostMain });
  await fixture.use("p", "export const client = () => {}; export const upgrade = () => {};");
});

test.after.always(async () => {
  for (const end of teardowns.reverse()) await end();
});

/** One call that tells the host what to do, and one after it. */
async function attack(hook: HookName, what: string) {
  const hostsLost = () =>
    fixture.events.flatMap((event) => (event.type === "host-replaced" ? event.reason : []));
  const before = hostsLost().length;
  const outcome = await fixture.seat("p").call(hook, what);
  const after = show(await fixture.seat("p").call("client", "good"));
  return { outcome, after, lost: hostsLost().slice(before) };
}

// Serial: they count the hosts that are lost.
test.serial("a host that breaks the protocol is not to be trusted, and replaced", async (t) => {
  for (const what of [
    "an unknown log level",
    "a log line that is no text",
    "a message of no kind",
    "a message that is no JSON",
    "a frame of 250 MB",
    "a frame of no kind",
    "a negative length",
    "a length beyond the frame",
    "a session that begins before the frame",
    "an answer to what was not asked",
    "an ask of no kind",
  ]) {
    const { outcome, after, lost } = await attack("client", what);
    t.is(faultOf(outcome).reason, "nonsense", what);
    t.deepEqual({ after, lost }, { after: "unchanged", lost: ["nonsense"] }, what);
  }
});

test.serial(
  "a verdict that the guest would never give is a fault of its call, and nothing of it gets out",
  async (t) => {
    const attacks = {
      upgrade: [
        "status 101",
        "status 1e9",
        "a response in a header",
        "a response in the content type",
        "a header in a name",
        "an injected header",
        "a second Host",
        "a header that is no text",
        "headers without end",
        "a subprotocol with more",
        "a target of another scheme",
        "attributes that are none",
        "attributes without a floor",
        "an expiry that is none",
      ],
      client: [
        "150,000 replies",
        "a body that begins before the frame",
        "a body of a length alone",
        "a close code that never travels",
        "an edit that is no JSON",
        "an edit that sets one member twice",
        "an edit beside a body",
        "a verdict of another hook",
        "a fault that is none",
      ],
    } as const;
    for (const hook of ["upgrade", "client"] as const)
      for (const what of attacks[hook]) {
        const { outcome, after, lost } = await attack(hook, what);
        t.is(faultOf(outcome).reason, "nonsense", what);
        // Five in a row would open the breaker of a policy, here a good call comes after each.
        t.deepEqual({ after, lost }, { after: "unchanged", lost: [] }, what);
      }
  },
);

test.serial("what it asks for in a form that no policy has, or for another, is refused", async (t) => {
  for (const what of ["a body that would become memory", "an ask in the name of another"]) {
    const { outcome, lost } = await attack("client", what);
    t.deepEqual({ outcome: outcome.kind, lost }, { outcome: "unchanged", lost: [] }, what);
  }
});
