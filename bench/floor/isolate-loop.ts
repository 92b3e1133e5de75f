/**
 * isolate-loop.ts looks|rewrites SECONDS < text: a function for each message in an isolate, and nothing else around it: no context,
 * no checks, no socket. Many messages enter together, end to end in one string, and leave so. Prints CPU µs of each.
 */
import { readFileSync } from "node:fs";
import { findAddon } from "../../sandbox/client/transport/addon.ts";
import { loadAddon } from "../../sandbox/host/isolated-vm.ts";

/** As batches of the gateway are. */
const MOST_BYTES = 96 * 1024;
const MOST_MESSAGES = 64;
const POLICIES: Readonly<Record<string, string>> = {
  looks: `({ content }) => content.body.length > 1_000_000 ? { drop: true } : undefined`,
  rewrites: `({ content }) => ({ content: { body: JSON.stringify({ ...JSON.parse(content.body), user: "alice" }) } })`,
};

const [, , kind = "looks", seconds = "1"] = process.argv;
const text = readFileSync(0, "utf8");
const messages = Math.max(1, Math.min(MOST_MESSAGES, Math.floor(MOST_BYTES / text.length)));
const ivm = loadAddon(findAddon());
const isolate = new ivm.Isolate({ memoryLimit: 128 });
const context = isolate.createContextSync();
const entry = isolate
  .compileScriptSync(
    `const hook = ${POLICIES[kind]};
    (length, text) => {
      let out = "";
      for (let at = 0; at < text.length; at += length) {
        const verdict = hook({ content: { body: text.slice(at, at + length) } });
        if (verdict?.content) out += verdict.content.body;
      }
      return out;
    };`,
  )
  .runSync(context, { reference: true });
const OPTIONS = { timeout: 1000, arguments: { copy: true }, result: { copy: true } } as const;

function run(until: number): number {
  let count = 0;
  while (performance.now() < until) {
    // Joined anew each time, as what has just come is.
    entry.applySync(undefined, [text.length, bytes.toString("utf8")], OPTIONS);
    count += messages;
  }
  return count;
}

const bytes = Buffer.from(text.repeat(messages));
const ms = Number(seconds) * 1000;
run(performance.now() + ms / 2);
const before = process.cpuUsage();
const count = run(performance.now() + ms);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / count);
