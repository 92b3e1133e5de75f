import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { findConfigFile, loadConfigFile } from "../../core/config/index.ts";
import { makeFolder } from "../config/folder.ts";
import { runCommand } from "./in-process.ts";

const sample = new URL("../../samples/hello/", import.meta.url);

test("writes a project and says what is next", async (t) => {
  const dir = await makeFolder(t);
  const { exitCode, stdout } = await runCommand(["init", "gate"], dir);
  t.is(exitCode, 0);
  t.regex(
    stdout,
    /^Wrote .*framegate\.config\.ts.*\n\nNext:\n {2}cd gate\n {2}npm install \/.+ types for your editor\n {2}npx framegate dev --echo/,
  );
  const files = (await readdir(join(dir, "gate"), { recursive: true })).sort();
  t.deepEqual(files, [
    ".gitignore",
    "framegate.config.ts",
    "package.json",
    "policies",
    "policies/hello.test.ts",
    "policies/hello.ts",
    "policies/tsconfig.json",
    "tsconfig.json",
  ]);

  const config = await loadConfigFile(await findConfigFile(join(dir, "gate")));
  t.deepEqual(config.routes[0]!.policies, [{ use: "hello", options: {}, enabled: true }]);
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  const written = JSON.parse(await readFile(join(dir, "gate/package.json"), "utf8"));
  t.is(written.dependencies.framegate, `^${version}`);
});

test("what it writes is the sample", async (t) => {
  const dir = await makeFolder(t);
  await runCommand(["init"], dir);
  for (const file of ["framegate.config.ts", "policies/hello.ts"]) {
    t.is(await readFile(join(dir, file), "utf8"), await readFile(new URL(file, sample), "utf8"), file);
  }
});

test("never overwrites: lists what is there and writes nothing", async (t) => {
  const dir = await makeFolder(t, { "framegate.config.yaml": "", "policies/hello.ts": "mine" });
  const { exitCode, stderr } = await runCommand(["init"], dir);
  t.is(exitCode, 1);
  t.is(
    stderr,
    `framegate: ${dir} has framegate.config.yaml, policies/hello.ts already. Nothing was written: move them away, or choose another folder.\n`,
  );
  t.deepEqual((await readdir(dir, { recursive: true })).sort(), [
    "framegate.config.yaml",
    "policies",
    "policies/hello.ts",
  ]);
  t.is(await readFile(join(dir, "policies/hello.ts"), "utf8"), "mine");
});

test("leaves the package.json and .gitignore of a project alone", async (t) => {
  const dir = await makeFolder(t, { "package.json": "{}", ".gitignore": "dist/" });
  const { exitCode, stdout } = await runCommand(["init"], dir);
  t.is(exitCode, 0);
  t.regex(
    stdout,
    /^Wrote framegate\.config\.ts, policies\/hello\.test\.ts, policies\/hello\.ts, policies\/tsconfig\.json, tsconfig\.json\.\n\nNext:\n {2}npm install \/.+ types for your editor\n/,
  );
  t.is(await readFile(join(dir, "package.json"), "utf8"), "{}");
  t.is(await readFile(join(dir, ".gitignore"), "utf8"), "dist/");
});
