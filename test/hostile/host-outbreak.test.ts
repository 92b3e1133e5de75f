import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { build } from "esbuild";
import { findJail, type Jail } from "../../sandbox/client/jail/jail.ts";
import { type HostProcess, spawnHost } from "../../sandbox/client/process/host-process.ts";
import { DEFAULT_POLICY_LIMITS } from "../../sandbox/index.ts";
import { MAX_BATCH } from "../../sandbox/wire/call-record.ts";
import type { HostMessage } from "../../sandbox/wire/control.ts";
import { JOURNAL_BYTES, JOURNAL_STATE } from "../../sandbox/wire/journal.ts";
import { makeFolder } from "../policies/temporary-folder.ts";
import { eventually } from "../support/eventually.ts";

const teardowns: (() => unknown)[] = [];
const scope = { teardown: (end: () => unknown) => void teardowns.push(end) };
const server = createServer((socket) => socket.on("error", () => {}).end());
let folder: string;
let hostMain: string;
let port: string;

test.before(async () => {
  folder = await makeFolder(scope);
  // A host that is nobody may write here, were it not for the walls.
  await chmod(folder, 0o777);
  hostMain = join(folder, "host", "main.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("./outbreaking-host.ts", import.meta.url))],
    outfile: hostMain,
    bundle: true,
    platform: "node",
    format: "esm",
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = String((server.address() as { readonly port: number }).port);
});

test.after.always(async () => {
  server.close();
  for (const end of teardowns.reverse()) await end();
});

/** Node's own belt is taken off: it is the system's wall that is tried. */
function withoutPermissions(jail: Jail): Jail {
  const isPermission = (flag: string) => flag === "--permission" || flag.startsWith("--allow-");
  return {
    ...jail,
    launch: ({ args, ...command }) =>
      jail.launch({ ...command, args: args.filter((flag) => !isPermission(flag)) }),
  };
}

async function startHost(
  jail: Jail,
): Promise<HostProcess & { attack(what: string, on?: string): Promise<string> }> {
  const settings = { ...DEFAULT_POLICY_LIMITS, guest: "" };
  const host = spawnHost(hostMain, settings, withoutPermissions(jail));
  teardowns.push(() => host.kill());
  const ready = Promise.withResolvers<void>();
  let tell: ((answer: string) => void) | undefined;
  host.attach({
    onMessage(message: HostMessage) {
      if (message.type === "ready") ready.resolve();
      if (message.type === "log") tell?.(message.lines[0]?.[2] ?? "");
    },
    onResults() {},
    onAsk() {},
    onWork() {},
    onExit(detail) {
      ready.reject(new Error(detail));
      tell?.(`ended: ${detail}`);
    },
  });
  await ready.promise;
  return Object.assign(host, {
    attack: (what: string, on = "") =>
      new Promise<string>((resolve) => {
        tell = resolve;
        host.send({ type: "load", instance: 1, code: what, filename: on });
      }),
  });
}

const project = fileURLToPath(new URL("../../package.json", import.meta.url));

/** What is tried, on what, what it comes to without a wall, and what with one. */
const rows = (): [what: string, on: string, open: RegExp, walled: RegExp][] => [
  ["write a file", folder, /^"written"$/, /^failed: ERR_SQLITE_ERROR$/],
  ["read a file", "/etc/passwd", /^true$/, /^failed: ENOENT$/],
  ["read a file", project, /^true$/, /^failed: ENOENT$/],
  ["reach a process", String(process.pid), /^true$/, /^failed: ESRCH$/],
  ["reach a process", String(process.ppid), /^true$/, /^failed: ESRCH$/],
  ["see other processes", "", /^true$/, /^failed: ENOENT$/],
  ["start a process", "", /^0$/, /^failed: (ENOSYS|EPERM)$/],
  ["reach loopback", port, /^"connected"$/, /^failed: (ENOSYS|EPERM)$/],
  ["see its environment", "", /^\["TZ"\]$/, /^\[("PWD",)?"TZ"(,"PWD")?\]$/],
  ["fill the disk", "", /^1048576$/, new RegExp(`^(${JOURNAL_BYTES}|failed: EFBIG)$`)],
  ["grow the journal without writing", "", /^1048576$/, /^failed: (ENOSYS|EPERM|EFBIG)$/],
  ["run native code out of the journal", "", /^"loaded"$/, /^failed: (ERR_DLOPEN_FAILED|EFBIG)$/],
];

/**
 * For tests of the wall. A machine that forbids namespaces cannot show anything, and says so; where only a package is
 * missing, CI has to have it.
 */
async function findWall(t: ExecutionContext): Promise<Jail | undefined> {
  const jail = await findJail("auto");
  if (jail.kind === "bubblewrap") {
    t.is(jail.shortfall, undefined);
    return jail;
  }
  t.log(`NOT TESTED: ${jail.shortfall}`);
  if (process.env.CI === "true") t.notRegex(String(jail.shortfall), /was not found/);
  else t.pass();
  return undefined;
}

test.serial("without a wall, whoever has taken a host over does what the gateway's user may", async (t) => {
  const host = await startHost(await findJail("off"));
  for (const [what, on, open] of rows()) t.regex(await host.attack(what, on), open, `${what} ${on}`);
});

test.serial("with the wall, whoever has taken a host over finds nothing", async (t) => {
  const jail = await findWall(t);
  if (jail === undefined) return;
  const host = await startHost(jail);
  for (const [what, on, , walled] of rows()) t.regex(await host.attack(what, on), walled, `${what} ${on}`);
});

test.serial(
  "a journal that whoever has taken a host over scribbles on, or cuts off, harms nobody",
  async (t) => {
    // The wall lets nobody cut it off.
    const jail = await findJail("off");
    const [scribbled, cut] = [await startHost(jail), await startHost(jail)];
    for (const host of [scribbled, cut]) {
      t.is(await host.attack("write no sense into the journal"), '"written"');
      t.notThrows(() => host.peek());
    }
    const { ids } = scribbled.readJournal();
    t.true(ids.length <= MAX_BATCH);
    // In the midst of the header, behind what is said to run.
    t.is(await cut.attack("shorten the journal", "8"), "8");
    t.deepEqual(cut.peek(), { entry: 0, limitMs: 0 });
    t.deepEqual(cut.readJournal(), { state: JOURNAL_STATE.idle, instance: 0, ids: [] });
  },
);

test.serial("a host has no privileges, namespaces of its own, and limits", async (t) => {
  const jail = await findWall(t);
  if (jail === undefined) return;
  const { nodePid } = await startHost(jail);
  const of = (file: string) => readFileSync(`/proc/${nodePid}/${file}`, "latin1");
  const field = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, "m").exec(of("status"))?.[1];
  t.is(field("CapEff"), "0000000000000000");
  t.is(field("CapBnd"), "0000000000000000");
  t.is(field("NoNewPrivs"), "1");
  t.is(field("Seccomp"), "2");
  for (const name of ["user", "pid", "net", "mnt", "ipc", "uts"])
    t.not(readlinkSync(`/proc/${nodePid}/ns/${name}`), readlinkSync(`/proc/self/ns/${name}`), name);
  const limit = (name: string) => new RegExp(`^${name} +(\\S+) +(\\S+)`, "m").exec(of("limits"))?.slice(1);
  t.deepEqual(limit("Max core file size"), ["0", "0"]);
  t.deepEqual(limit("Max file size"), Array(2).fill(String(JOURNAL_BYTES)));
  t.deepEqual(limit("Max processes"), ["512", "512"]);
  t.deepEqual(limit("Max open files"), ["256", "256"]);
});

test.serial("what is killed in front of a host takes the host along", async (t) => {
  const jail = await findWall(t);
  if (jail === undefined) return;
  const host = await startHost(jail);
  t.not(host.pid, host.nodePid);
  t.regex(readFileSync(`/proc/${host.nodePid}/cmdline`, "latin1"), /^[^\0]*node/);
  host.kill();
  await eventually("the host has ended", () => !existsSync(`/proc/${host.nodePid}`));
});
