import { join } from "node:path";
import test from "ava";
import { bundlePolicy } from "../../../policies/bundle/bundler.ts";
import { runEsbuild } from "../../../policies/bundle/esbuild.ts";
import { at } from "../../support/at.ts";
import { findChildren, isRunning } from "../../support/child-processes.ts";
import { eventually } from "../../support/eventually.ts";
import { makeFolder } from "../temporary-folder.ts";

test.serial(
  "esbuild's process is killed, before builds and while they run: they are done all the same",
  async (t) => {
    const root = await makeFolder(t, { "policies/a.ts": "export const client = () => {};" });
    const build = () => bundlePolicy({ name: "a", file: join(root, "policies/a.ts") });
    const { version } = await build();
    const kill = () => {
      const pid = at(findChildren(process.pid, "esbuild"), 0);
      process.kill(pid, "SIGKILL");
      return pid;
    };
    for (let round = 0; round < 3; round++) {
      const pid = kill();
      await eventually("it has ended", () => !isRunning(pid));
      const first = build();
      const during = [build(), build()];
      t.is((await first).version, version);
      for (const { version: each } of await Promise.all(during)) t.is(each, version);
    }
    const building = [build(), build(), build()];
    kill();
    for (const { version: each } of await Promise.all(building)) t.is(each, version);
  },
);

test.serial(
  "esbuild's process ends when there is nothing to build, and is there again for what comes",
  async (t) => {
    const build = (idleMs?: number) => runEsbuild({ stdin: { contents: "let a" }, write: false }, idleMs);
    for (let round = 0; round < 2; round++) {
      const { errors } = await build(0);
      t.deepEqual(errors, []);
      await eventually("it has ended", () => findChildren(process.pid, "esbuild").length === 0);
    }
    // One that is still building is not stopped because another has ended.
    const results = await Promise.all(Array.from({ length: 8 }, () => build(0)));
    t.is(results.length, 8);
  },
);
