import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import test from "ava";

const run = promisify(execFile);
const lockdown = fileURLToPath(new URL("../../../sandbox/host/lockdown.ts", import.meta.url));

const attempts: Readonly<Record<string, string>> = {
  dlopen: "process.dlopen({ exports: {} }, '/nothing')",
  binding: "process.binding('fs')",
  "linked binding": "process._linkedBinding('x')",
  "built-in module": "process.getBuiltinModule('node:fs').statSync('/')",
  import: "await import('node:sqlite')",
  "import of a file": "await import('file:///nothing.mjs')",
  require: "createRequire('file:///a.js')('node:child_process')",
  "what has been loaded": "createRequire('file:///a.js')('node:fs').statSync('/')",
  thread: "new (await import('node:worker_threads')).Worker('0', { eval: true })",
  inspector: "(await import('node:inspector')).open(0)",
  "kill another": "process.kill(process.ppid, 0)",
  "kill all": "process.kill(-1, 0)",
  fetch: "await fetch('data:,')",
  "take it back": "Object.defineProperty(process, 'dlopen', { value: 1 })",
};

/** What comes of each, in a process of its own: what is taken away does not come back. */
async function attemptAll(isLocked: boolean): Promise<Record<string, string>> {
  const script = `import { createRequire } from "node:module";
    import { lockDown } from ${JSON.stringify(lockdown)};
    ${isLocked ? "lockDown();" : ""}
    const results = {};
    const attempt = async (name, what) => {
      try { await what(); results[name] = "done"; } catch (error) { results[name] = String(error.message); }
    };
    ${Object.entries(attempts)
      .map(([name, code]) => `await attempt(${JSON.stringify(name)}, async () => { ${code} });`)
      .join("\n")}
    process.stdout.write(JSON.stringify(results), () => process.kill(process.pid, "SIGKILL"));`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script]).catch(
    (error) => error,
  );
  return JSON.parse(stdout);
}

test("once it is locked down, JavaScript in the host loads nothing, and signals nobody but itself", async (t) => {
  const open = await attemptAll(false);
  const locked = await attemptAll(true);
  for (const name of Object.keys(attempts)) {
    if (name !== "dlopen" && !/^linked|file$|kill all/.test(name)) t.is(open[name], "done", name);
    t.regex(
      String(locked[name]),
      /is not a function|nothing is loaded|nobody but itself|Cannot redefine|of undefined/,
      name,
    );
    t.not(locked[name], open[name], name);
  }
});
