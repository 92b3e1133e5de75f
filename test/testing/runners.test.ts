import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { loadPolicy } from "../../testing/index.ts";
import { startProcess } from "../cli/process.ts";
import { makeFolder } from "../config/folder.ts";
import { findHosts } from "../sandbox/support.ts";

const testing = fileURLToPath(new URL("../../testing/index.ts", import.meta.url));

const policies = {
  "first.ts": "export const client = ({ content }) => ({ content: { body: { first: content.body } } });",
  "second.ts": "export const client = async () => ({ drop: true });",
};

const inNodeTest = `
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadPolicy } from "${testing}";

test("first", async () => {
  const policy = await loadPolicy("./first.ts");
  assert.deepEqual((await policy.client("x")).json(), { first: "x" });
});
test("second", async () => {
  await using policy = await loadPolicy(new URL("./second.ts", import.meta.url));
  assert.equal((await policy.client("x")).isDropped, true);
});
test("fails", async () => {
  const policy = await loadPolicy("./first.ts");
  assert.deepEqual((await policy.client("x")).json(), { first: "y" });
});
`;

test("node:test runs policies, one process apart, and ends by itself", async (t) => {
  const dir = await makeFolder(t, { ...policies, "policies.test.ts": inNodeTest });
  const running = startProcess(
    t,
    process.execPath,
    ["--test", "--test-reporter=tap", "policies.test.ts"],
    dir,
  );
  const { exitCode, stdout } = await running.ended;
  t.is(exitCode, 1);
  t.regex(stdout, /# pass 2\n# fail 1/);
});

test("a plain script ends when its last call has", async (t) => {
  const script = `import { loadPolicy } from "${testing}";
    const policy = await loadPolicy("./first.ts");
    console.log((await policy.client("x")).body);`;
  const dir = await makeFolder(t, { ...policies, "script.ts": script });
  const { exitCode, stdout } = await startProcess(t, process.execPath, ["script.ts"], dir).ended;
  t.is(exitCode, 0);
  t.is(stdout, '{"first":"x"}\n');
});

test("all policies of a process share one host", async (t) => {
  const dir = await makeFolder(t, policies);
  const before = findHosts().length;
  const loaded = await Promise.all([
    loadPolicy(join(dir, "first.ts")),
    loadPolicy(join(dir, "second.ts")),
    loadPolicy(join(dir, "first.ts")),
  ]);
  t.is(findHosts().length, Math.max(before, 1));
  t.is(loaded.length, 3);
});
