import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { makeFolder } from "../config/folder.ts";
import { startProcess } from "./process.ts";

const launcher = fileURLToPath(new URL("../../bin/framegate.js", import.meta.url));

test("runs the command from source in a checkout", async (t) => {
  const { exitCode, stdout } = await startProcess(t, process.execPath, [launcher, "--version"]).ended;
  t.is(exitCode, 0);
  t.regex(stdout, /^\d+\.\d+\.\d+\n$/);
});

test("says in one line that Node is too old", async (t) => {
  const old = 'for (const [key, value] of [["versions", { node: "22.9.0" }], ["version", "v22.9.0"]])';
  const dir = await makeFolder(t, { "old.cjs": `${old} Object.defineProperty(process, key, { value });` });
  const args = ["--require", join(dir, "old.cjs"), launcher, "--version"];
  t.deepEqual(await startProcess(t, process.execPath, args).ended, {
    exitCode: 1,
    stdout: "",
    stderr: "framegate: Node 24 or later is needed, this is v22.9.0. Get it from https://nodejs.org\n",
  });
});
