import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import test, { type ExecutionContext } from "ava";
import {
  findLoader,
  findProgram,
  isOpenToAll,
  readLibraries,
} from "../../../../sandbox/client/jail/files.ts";
import {
  adoptJail,
  findJail,
  findTools,
  lookForTools,
  tryJails,
} from "../../../../sandbox/client/jail/jail.ts";
import { makeFolder } from "../../../policies/temporary-folder.ts";
import { startSandbox } from "../../support.ts";

const command = { node: process.execPath, args: ["main.js"], reads: [] };

/** What is found among the system's programs of these names, as far as there are such, and others that are made up. */
async function toolsOf(t: ExecutionContext, names: readonly string[], others: Record<string, string> = {}) {
  const folder = await makeFolder(t);
  for (const name of names) {
    const program = findProgram(name, process.env.PATH ?? "");
    if (program !== undefined) await symlink(program, join(folder, name));
  }
  for (const [name, script] of Object.entries(others))
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return () => findTools(folder);
}

test.serial(
  "what one process has found is told to another, which tries nothing and starts hosts the same way",
  async (t) => {
    const jail = await tryJails(lookForTools);
    adoptJail(deserialize(serialize({ ...jail.facts, shortfall: "as I was told" })));
    const told = await findJail("auto");
    adoptJail(jail.facts);
    t.is(told.shortfall, "as I was told");
    t.is(told.kind, jail.kind);
    t.deepEqual(told.launch(command), jail.launch(command));
  },
);

test("where no tool is found, hosts are started as they are, and that is said", async (t) => {
  const jail = await tryJails(await toolsOf(t, []));
  t.is(jail.kind, "none");
  t.regex(String(jail.shortfall), /bubblewrap was not found/);
  t.deepEqual(jail.launch(command), { file: command.node, args: command.args });
});

test("what is required and not to be had is an error that says what to install; who wants nothing gets nothing", async (t) => {
  const empty = await toolsOf(t, []);
  const find = () => tryJails(empty);
  const error = await t.throwsAsync(findJail("require", find), { code: "ERR_OS_SANDBOX" });
  t.regex(String(error?.message), /`sandbox\.os` is "require", and .*apt install bubblewrap.* "auto"/);
  t.is((await findJail("auto", find)).kind, "none");
  t.is((await findJail("off")).kind, "none");
});

test("a bubblewrap that does not work is not used, and its words are told", async (t) => {
  const tools = await toolsOf(t, [], {
    bwrap: "echo 'No permissions to create a new namespace' >&2; exit 1",
  });
  const jail = await tryJails(tools);
  t.is(jail.kind, "none");
  t.regex(String(jail.shortfall), /does not work here \(No permissions to create a new namespace\)/);
});

test("without bubblewrap privileges are taken", async (t) => {
  const jail = await tryJails(await toolsOf(t, ["setpriv", "prlimit"]));
  t.not(jail.kind, "bubblewrap");
  const { file, args } = jail.launch(command);
  if (jail.kind === "none") t.log("setpriv is not installed here");
  else t.regex([file, ...args].join(" "), /setpriv --no-new-privs .*main\.js$/);
});

test("elsewhere than on Linux nothing is tried", async (t) => {
  const { kind, shortfall } = await tryJails(lookForTools, "darwin");
  t.is(kind, "none");
  t.regex(String(shortfall), /takes Linux/);
});

test("the libraries that glibc and musl tell are found, and what has no file is left out", (t) => {
  const lines = `\tlinux-vdso.so.1 (0x00007f54eb954000)
\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f54eb41e000)
\t/lib64/ld-linux-x86-64.so.2 (0x00007f54eb956000)
\t/lib64/ld-linux-x86-64.so.2 => /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 (0x00007f4af2a61000)
\t/lib/ld-musl-x86_64.so.1 (0x7f1)
\tlibc.musl-x86_64.so.1 => not found`;
  t.deepEqual(readLibraries(lines), [
    "/lib/x86_64-linux-gnu/libc.so.6",
    "/lib64/ld-linux-x86-64.so.2",
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-musl-x86_64.so.1",
  ]);
});

test("the loader is what is mapped, of glibc and of musl, and no library whose folder has its name", (t) => {
  const loaderOf = (...files: readonly string[]) =>
    findLoader(files.map((file) => `7f1e0000-7f1f0000 r-xp 00000000 08:01 1234    ${file}\n`).join(""));
  for (const loader of ["/usr/lib/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1", "/lib64/ld64.so.2"])
    t.is(loaderOf("/usr/bin/node", "/opt/ld-tools/libfoo.so", "[heap]", loader, "[stack]"), loader);
  t.is(loaderOf("/usr/bin/node", "/usr/lib/libld-2.so"), undefined);
});

(process.platform === "linux" ? test : test.skip)(
  "Node's libraries are found, and not what else this process has loaded",
  async (t) => {
    const { libraries } = await lookForTools();
    t.true(libraries.some((file) => /\/libc\b|\/libc\.|musl/.test(file)));
    t.true(libraries.some((file) => /\/ld(-|64)/.test(file)));
    t.false(libraries.some((file) => file.endsWith(".node")));
  },
);

test("a file is open to all only when each folder above it is", async (t) => {
  t.true(isOpenToAll(process.execPath) || isOpenToAll("/bin/sh"));
  const folder = join(await makeFolder(t), "closed");
  await mkdir(folder, { mode: 0o700 });
  await writeFile(join(folder, "file"), "", { mode: 0o644 });
  t.false(isOpenToAll(join(folder, "file")));
  t.false(isOpenToAll(join(folder, "none")));
});

test("a host stays for the end of the gateway's sessions when all processes are told to end", async (t) => {
  const { use, seat, event, events } = await startSandbox(t);
  await use("echo", "export const client = () => {};");
  const { pid } = await event("host-started");
  const { client } = seat("echo");
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.kill(pid, signal);
    for (let asked = 0; asked < 20; asked++) t.is((await client({})).kind, "unchanged");
  }
  t.false(events.some(({ type }) => type === "host-replaced"));
});
