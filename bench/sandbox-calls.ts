/**
 * What does one policy call cost? 50 seats with 32 messages of 64 bytes in flight each; the policy parses the message,
 * adds a user and serialises it again, or has the gateway set the user in its bytes. Prints calls a second, the CPU time that worker and host spent on each,
 * and how many calls entered an isolate together. With `--chain 5` each message passes five such policies, one after the other, and each is a call.
 */
import { parseArgs } from "node:util";
import { build } from "esbuild";
import type { HookCall } from "../sandbox/contract.ts";
import { CONTENT_TYPES, connectionContext, hostCpuMicros, openSandbox } from "./lib/measured-sandbox.ts";

const { values } = parseArgs({
  options: {
    seats: { type: "string", default: "50" },
    flight: { type: "string", default: "32" },
    bytes: { type: "string", default: "64" },
    seconds: { type: "string", default: "3" },
    chain: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
const seats = Number(values.seats);
const flight = Number(values.flight);
const bytes = Number(values.bytes);
const seconds = Number(values.seconds);

const POLICIES = {
  "JSON edit": `export const client = ({ content, websock }) => {
    const order = content.json();
    order.user = websock.context.attributes.user;
    return { content: { body: JSON.stringify(order) } };
  };`,
  "edit by set": `export const client = ({ websock }) => ({
    content: { set: { user: websock.context.attributes.user } } });`,
  unchanged: "export const client = () => {};",
  "value body": `export const client = ({ content, websock }) => ({
    content: { body: { ...content.json(), user: websock.context.attributes.user } } });`,
  "async JSON edit": `export const client = async ({ content, websock }) => {
    const order = content.json();
    order.user = websock.context.attributes.user;
    return { content: { body: JSON.stringify(order) } };
  };`,
};

const sandbox = await openSandbox();
/** Of so many bytes, its items all alike. */
const message = { id: 12345, items: ["x".repeat(40)] };
while (JSON.stringify(message).length + 43 <= bytes) message.items.push("x".repeat(40));
const payload = { binary: false, bytes: Buffer.from(JSON.stringify(message)) };

for (const [name, source] of Object.entries(POLICIES)) {
  if (values.only !== undefined && values.only !== name) continue;
  const { code } = await build({
    stdin: { contents: source, loader: "ts" },
    bundle: true,
    write: false,
    format: "iife",
    globalName: "__policy",
  }).then(({ outputFiles }) => ({ code: outputFiles[0]?.text ?? "" }));
  const policies = Array.from(
    { length: Number(values.chain) },
    (_, i) => `${name.replaceAll(" ", "-")}-${i}`,
  );
  for (const policy of policies)
    (await sandbox.prepare({ name: policy, file: policy, version: "1", code, sourceMap: "" })).commit();
  await measure(name, policies, 1);
  await measure(name, policies, seconds);
}
await sandbox.close();

async function measure(name: string, policies: readonly string[], duration: number): Promise<void> {
  let settled = 0;
  let isOver = false;
  let open = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  for (let s = 0; s < seats; s++) {
    const chain = policies.map((policy) =>
      sandbox.seat({ policy, route: "/", options: {} }, `s${s}`, connectionContext, CONTENT_TYPES),
    );
    let sequence = 0;
    const submit = () => {
      open++;
      let step = 0;
      const call: HookCall = {
        hook: "client",
        payload,
        sequence: ++sequence,
        time: 1.7e12,
        settle() {
          settled++;
          const next = chain[++step];
          if (next !== undefined) return next.submit(call);
          open--;
          if (!isOver) submit();
          else if (open === 0) resolve();
        },
      };
      chain[0]?.submit(call);
    };
    for (let i = 0; i < flight; i++) submit();
  }
  const wallBefore = performance.now();
  const ownBefore = process.cpuUsage();
  const hostBefore = hostCpuMicros();
  const batchesBefore = countBatches();
  setTimeout(() => {
    isOver = true;
  }, duration * 1000);
  await promise;
  const wall = performance.now() - wallBefore;
  const own = process.cpuUsage(ownBefore);
  const ownMicros = own.user + own.system;
  const hostMicros = hostCpuMicros() - hostBefore;
  if (duration < seconds) return;
  const each = (micros: number) => (micros / settled).toFixed(2);
  const rate = Math.round((settled / wall) * 1000).toLocaleString("en");
  const together = (settled / (countBatches() - batchesBefore)).toFixed(0);
  console.log(
    `${name.padEnd(16)} ${rate.padStart(9)} calls/s   worker ${each(ownMicros)} µs + host ${each(hostMicros)} µs CPU a call, ${together} an entry`,
  );
}

function countBatches(): number {
  return sandbox.stats().batches.upTo.reduce((sum, [, batches]) => sum + batches, 0);
}
