import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { makeFolder } from "../config/folder.ts";
import { runCommand } from "./in-process.ts";
import { runCli, startCli } from "./process.ts";

const testing = fileURLToPath(new URL("../../testing/index.ts", import.meta.url));
const template = fileURLToPath(new URL("../../cli/templates/hello/policies/", import.meta.url));

const shout = `export const client = ({ content }) => ({ content: { body: content.body.toUpperCase() } });`;
const shoutTest = `
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadPolicy } from "${testing}";
test("shouts", async () => {
  const policy = await loadPolicy(new URL("./shout.ts", import.meta.url));
  assert.equal((await policy.client("hi")).body, "HI");
});
`;

test("runs the tests in and below the folder, that which init writes among them, and says how it went", async (t) => {
  const read = (name: string) => readFile(join(template, `${name}.template`), "utf8");
  const dir = await makeFolder(t, {
    "policies/shout.ts": shout,
    "policies/shout.test.ts": shoutTest,
    "policies/deep/other.test.ts": `import { test } from "node:test"; test("deep", () => {});`,
    "policies/hello.ts": await read("hello.ts"),
    "policies/hello.test.ts": (await read("hello.test.ts")).replace("framegate/testing", testing),
    "policies/node_modules/x/x.test.ts": "throw new Error();",
  });
  const { exitCode, stdout, stderr } = await runCli(t, ["test"], dir);
  t.is(stderr, "");
  t.regex(stdout, /shouts[\s\S]*pass 4\n.*fail 0/);
  t.is(exitCode, 0);
});

test("a failing test: exit code 1, and nothing but the runner's own words", async (t) => {
  const dir = await makeFolder(t, {
    "mine/shout.ts": shout.replace("Upper", "Lower"),
    "mine/shout.test.ts": shoutTest,
  });
  const { exitCode, stdout, stderr } = await runCli(t, ["test", "mine"], dir);
  t.regex(stdout, /fail 1/);
  t.is(stderr, "");
  t.is(exitCode, 1);
});

test("no folder, no tests: what to do", async (t) => {
  const dir = await makeFolder(t, { "empty/a.ts": "" });
  const missing = await runCommand(["test"], dir);
  t.regex(missing.stderr, /^framegate: the folder of the tests: .*policies is not there\./);
  const empty = await runCommand(["test", "empty"], dir);
  t.regex(empty.stderr, /^framegate: There are no tests .*empty\/hello\.test\.ts.*framegate\/testing/);
  t.deepEqual([missing.exitCode, empty.exitCode], [1, 1]);
});

test("--watch runs them again when a policy is saved", async (t) => {
  const dir = await makeFolder(t, { "policies/shout.ts": "", "policies/shout.test.ts": shoutTest });
  const running = startCli(t, ["test", "--watch"], dir);
  await running.output(/fail 1[\s\S]*watching policies/);
  await writeFile(join(dir, "policies/shout.ts"), shout);
  t.truthy(await running.output(/fail 0[\s\S]*watching policies/));
});
