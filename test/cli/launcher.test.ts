import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { makeFolder } from "../config/folder.ts";
import { startProcess } from "./process.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const launcher = join(root, "bin/framegate.js");

test("runs the command from source in a checkout", async (t) => {
  const { exitCode, stdout } = await startProcess(t, process.execPath, [launcher, "--version"]).ended;
  t.is(exitCode, 0);
  t.regex(stdout, /^\d+\.\d+\.\d+\n$/);
});

for (const version of ["20.20.2", "25.1.0"]) {
  test(`says in one line that Node ${version} will not do, at the install before anything is compiled`, async (t) => {
    const other = `for (const [key, value] of [["versions", { node: "${version}" }], ["version", "v${version}"]])`;
    const dir = await makeFolder(t, {
      "other.cjs": `${other} Object.defineProperty(process, key, { value });`,
    });
    const installed = join(dir, "node_modules/framegate");
    await cp(join(root, "bin"), join(installed, "bin"), { recursive: true });
    await cp(join(root, "package.json"), join(installed, "package.json"));
    const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    t.is(scripts.preinstall, "node bin/preinstall.js");
    for (const file of [launcher, join(installed, "bin/preinstall.js")]) {
      const args = ["--require", join(dir, "other.cjs"), file, "--version"];
      t.deepEqual(await startProcess(t, process.execPath, args).ended, {
        exitCode: 1,
        stdout: "",
        stderr: `framegate: Node 24 or 26 is needed, this is v${version}. Get it from https://nodejs.org\n`,
      });
    }
    // A checkout's npm scripts have a Node of their own.
    const args = ["--require", join(dir, "other.cjs"), join(root, "bin/preinstall.js")];
    t.is((await startProcess(t, process.execPath, args).ended).exitCode, 0);
  });
}
