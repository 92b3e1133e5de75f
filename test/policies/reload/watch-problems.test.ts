import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import test from "ava";
import { createWatcher } from "../../../policies/reload/watcher.ts";
import { eventually } from "../../support/eventually.ts";
import { makeFolder } from "../temporary-folder.ts";

test("a system that lets nothing be watched is told of once, and then once in a while with the count", async (t) => {
  const folders = Array.from({ length: 50 }, (_, i) => [`${i}/a.ts`, "1"] as const);
  const dir = await makeFolder(t, Object.fromEntries(folders));
  const { watch } = fs;
  fs.watch = (() => {
    throw Object.assign(new Error("no space"), { code: "ENOSPC" });
  }) as never;
  syncBuiltinESMExports();
  t.teardown(() => {
    fs.watch = watch;
    syncBuiltinESMExports();
  });
  const told: string[] = [];
  const watcher = await createWatcher({
    dir,
    problemEveryMs: 100,
    onChange() {},
    onProblem: ({ message }) => told.push(message),
  });
  t.teardown(() => watcher.close());
  const countOf = (message: string) => Number(/changes(?:, (\d+) times)?: /.exec(message)?.[1] ?? 1);
  const sum = () => told.reduce((all, message) => all + countOf(message), 0);
  await eventually("all are told of", () => sum() >= folders.length);
  t.is(countOf(told[0]!), 1);
  t.true(told.length < folders.length / 2, told.join("\n"));
  t.regex(told.at(-1)!, /cannot be watched for changes.*: the system's limit on watched files is reached/);
});
