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

for (const version of ["22.9.0", "25.1.0"]) {
  test(`says in one line that Node ${version} will not do`, async (t) => {
    const other = `for (const [key, value] of [["versions", { node: "${version}" }], ["version", "v${version}"]])`;
    const dir = await makeFolder(t, {
      "other.cjs": `${other} Object.defineProperty(process, key, { value });`,
    });
    const args = ["--require", join(dir, "other.cjs"), launcher, "--version"];
    t.deepEqual(await startProcess(t, process.execPath, args).ended, {
      exitCode: 1,
      stdout: "",
      stderr: `framegate: Node 24 or 26 is needed, this is v${version}. Get it from https://nodejs.org\n`,
    });
  });
}
