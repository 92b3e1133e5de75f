/**
 * What do the policies of the XML pack cost? One connection with 16 messages in flight, through the sandbox. The first row is a
 * policy that looks at the length only. Prints the CPU time that worker and host spend on a message.
 *
 *   npx node bench/xml.ts [seconds of each]
 */
import { fileURLToPath } from "node:url";
import { bundlePolicy } from "../policies/bundle/bundler.ts";
import { checkOptions } from "../policies/use-options.ts";
import type { Seat } from "../sandbox/contract.ts";
import { CONTENT_TYPES, connectionContext, hostCpuMicros, openSandbox } from "./lib/measured-sandbox.ts";

const FLIGHT = 16;
const [, , seconds = "3"] = process.argv;

const ORDER = '<order id="12"><item sku="a-1">some text &amp; more</item><price>12.50</price></order>';
const messageOf = (bytes: number) =>
  `<orders>${ORDER.repeat(Math.floor((bytes - "<orders></orders>".length) / ORDER.length))}</orders>`;
/** As many elements as there may be, for they cost more than characters. */
const messages = {
  "1 KiB": messageOf(1024),
  "64 KiB": messageOf(64 * 1024),
  "4,096 elements": `<a>${"<b/>".repeat(4095)}</a>`,
} as const;

const ROWS: readonly (readonly [name: string, file: string, options: Readonly<Record<string, unknown>>])[] = [
  ["a policy that looks", "../bench/policies/look.ts", {}],
  ["limits", "xml/limits.ts", {}],
  ["redact: a path that finds nothing", "xml/redact.ts", { paths: ["//order/card"] }],
  ["redact: a path that finds all prices", "xml/redact.ts", { paths: ["//order/price"] }],
  ["redact: cards and emails", "xml/redact.ts", { find: ["card", "email"] }],
];

const sandbox = await openSandbox();
for (const [name, file, given] of ROWS) {
  const bundle = await bundlePolicy({
    name,
    file: fileURLToPath(new URL(`../policies/${file}`, import.meta.url)),
  });
  const { exports, commit } = await sandbox.prepare(bundle);
  commit();
  const checked = checkOptions(exports.optionsSchema, given);
  if ("problem" in checked) throw new Error(checked.problem);
  const cells: string[] = [];
  for (const [size, text] of Object.entries(messages)) {
    const use = { policy: name, route: "/", options: checked.options };
    const seat = sandbox.seat(use, "s", connectionContext, CONTENT_TYPES);
    await run(seat, text, 1000);
    cells.push(`${size} ${(await run(seat, text, Number(seconds) * 1000)).toFixed(0).padStart(6)} µs`);
  }
  console.log(`${name.padEnd(40)} ${cells.join("   ")}`);
}
await sandbox.close();

/** @returns the CPU time of a message in microseconds */
async function run(seat: Seat, text: string, ms: number): Promise<number> {
  const payload = { binary: false, bytes: Buffer.from(text) };
  const end = performance.now() + ms;
  const own = process.cpuUsage();
  const host = hostCpuMicros();
  let sequence = 0;
  const goOn = async () => {
    while (performance.now() < end) {
      await new Promise<void>((settle) =>
        seat.submit({ hook: "client", payload, sequence: ++sequence, time: 1.7e12, settle: () => settle() }),
      );
    }
  };
  await Promise.all(Array.from({ length: FLIGHT }, goOn));
  const { user, system } = process.cpuUsage(own);
  return (user + system + hostCpuMicros() - host) / sequence;
}
