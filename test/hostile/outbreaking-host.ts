/**
 * A sandbox host in which somebody else's JavaScript runs, with all that Node has: it does what the `code` of a policy names,
 * and logs what came of it. Bundled by the test, and started as any host is.
 */
import { spawnSync } from "node:child_process";
import { fstatSync, ftruncateSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { connect, Socket } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { CALLS_FD, JOURNAL_FD, RESULTS_FD } from "../../sandbox/host-descriptors.ts";
import type { ClientMessage } from "../../sandbox/wire/control.ts";
import { createFrameReader, FrameWriter, readControl } from "../../sandbox/wire/frames.ts";

const calls = new Socket({ fd: CALLS_FD });
const results = new Socket({ fd: RESULTS_FD });
const out = new FrameWriter();
let addon = "";

/** What they come to when nothing holds them back is said by the test. */
const attacks: Readonly<Record<string, (argument: string) => unknown>> = {
  "run native code out of the journal"() {
    writeSync(JOURNAL_FD, readFileSync(addon), 0, undefined, 0);
    process.dlopen({ exports: {} }, `/proc/self/fd/${JOURNAL_FD}`);
    return "loaded";
  },
  "write a file"(folder) {
    new DatabaseSync(`${folder}/written.sqlite`).exec("create table t (a)");
    return "written";
  },
  "read a file": (file) => readFileSync(file, "utf8").length > 0,
  "reach a process": (pid) => process.kill(Number(pid), 0),
  "see other processes": () => readdirSync("/proc").filter((name) => /^\d+$/.test(name)).length > 1,
  "start a process"() {
    const { error, status } = spawnSync(process.execPath, ["--version"]);
    if (error) throw error;
    return status;
  },
  async "reach loopback"(port) {
    const reached = connect(Number(port), "127.0.0.1");
    await new Promise((resolve, reject) => reached.once("connect", resolve).once("error", reject));
    reached.destroy();
    return "connected";
  },
  "fill the disk"() {
    const piece = Buffer.alloc(1024 * 1024);
    writeSync(JOURNAL_FD, piece, 0, piece.length, 0);
    return fstatSync(JOURNAL_FD).size;
  },
  "grow the journal without writing"() {
    ftruncateSync(JOURNAL_FD, 1024 * 1024);
    return fstatSync(JOURNAL_FD).size;
  },
  "write no sense into the journal"() {
    writeSync(JOURNAL_FD, Buffer.alloc(1024, 0xfe), 0, undefined, 0);
    return "written";
  },
  "shorten the journal"(length) {
    ftruncateSync(JOURNAL_FD, Number(length));
    return fstatSync(JOURNAL_FD).size;
  },
  "see its environment": () => Object.keys(process.env),
};

async function run(attack: string, argument: string): Promise<string> {
  try {
    return JSON.stringify((await attacks[attack]?.(argument)) ?? null);
  } catch (error) {
    return `failed: ${(error as NodeJS.ErrnoException).code ?? error}`;
  }
}

function say(message: object): void {
  out.control(message);
  out.flush(results);
}

const read = createFrameReader(async (_, bytes, start, end) => {
  const said = readControl<ClientMessage>(bytes, start, end);
  if (said.type === "start") {
    addon = said.settings.addon;
    say({ type: "ready" });
  }
  if (said.type !== "load") return;
  const { instance, code, filename } = said;
  say({ type: "log", instance, lines: [[0, "info", await run(code, filename)]] });
});
calls.on("data", (chunk: Buffer) => read(chunk));
calls.on("close", () => process.exit());
results.on("error", () => process.exit());
