import { cp, readdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { specOf } from "../../cli/init/installed-spec.ts";
import { TEMPLATES } from "../../cli/init/template-choice.ts";
import { findConfigFile, loadConfigFile } from "../../core/config/index.ts";
import { makeFolder } from "../config/folder.ts";
import { runCommand } from "./in-process.ts";
import { startProcess } from "./process.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const sample = new URL("../../samples/hello/", import.meta.url);

test("writes a project and says what is next", async (t) => {
  const dir = await makeFolder(t);
  const { exitCode, stdout } = await runCommand(["init", "gate"], dir);
  t.is(exitCode, 0);
  t.regex(
    stdout,
    /^Wrote .*framegate\.config\.ts.*\n\nNext:\n {2}cd gate\n {2}npm install +the gateway, .*\n {2}npx framegate test .*\n {2}npx framegate dev --echo/,
  );
  const files = (await readdir(join(dir, "gate"), { recursive: true })).sort();
  t.deepEqual(files, [
    ".gitignore",
    "framegate.config.ts",
    "package.json",
    "policies",
    "policies/.packs",
    "policies/.packs/framegate-packs.d.ts",
    "policies/hello.test.ts",
    "policies/hello.ts",
    "policies/tsconfig.json",
    "tsconfig.json",
  ]);

  const config = await loadConfigFile(await findConfigFile(join(dir, "gate")));
  t.deepEqual(config.routes[0]!.policies, [{ use: "hello", options: {}, enabled: true }]);
  const written = JSON.parse(await readFile(join(dir, "gate/package.json"), "utf8"));
  t.is(written.type, "module");
  t.is(join(dir, "gate", written.dependencies.framegate.replace(/^file:/, "")), root.replace(/\/$/, ""));
  t.is(await readFile(join(dir, "gate/.gitignore"), "utf8"), "node_modules/\n.framegate/\n*.pem\n");
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
    /^Wrote framegate\.config\.ts, policies\/hello\.test\.ts, policies\/hello\.ts, policies\/package\.json, policies\/tsconfig\.json, tsconfig\.json\.\n\nNext:\n {2}npm install \.\.\/.+ the gateway, .*\n/,
  );
  t.is(await readFile(join(dir, "package.json"), "utf8"), "{}");
  t.is(await readFile(join(dir, ".gitignore"), "utf8"), "dist/");
});

test("every template has its folder, with its policy and a test", async (t) => {
  const templates = join(root, "cli/templates");
  const names = TEMPLATES.map(({ name }) => name);
  t.deepEqual((await readdir(templates)).sort(), [...names, "common"].sort());
  for (const { name, policy } of TEMPLATES) {
    const files = await readdir(join(templates, name, "policies"));
    for (const file of [`${policy}.ts`, `${policy}.test.ts`])
      t.true(files.includes(`${file}.template`), file);
  }
});

test("a template that there is not: what was meant, or what there is", async (t) => {
  const dir = await makeFolder(t);
  const near = await runCommand(["init", "--template", "mqt"], dir);
  t.is(
    near.stderr,
    'framegate: --template: there is no "mqt"; did you mean "mqtt"? See `framegate --help`.\n',
  );
  const far = await runCommand(["init", "--template", "kubernetes"], dir);
  t.regex(far.stderr, /there are hello, chat, graphql-ws, mqtt, ai-realtime\. See/);
  t.deepEqual(await readdir(dir), []);
});

test("npm create framegate is init, of the version that it depends on", async (t) => {
  const folder = join(root, "create-framegate");
  const own = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const { version, engines } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  t.like(own, { version, engines, dependencies: { framegate: `^${version}` } });
  const dir = await makeFolder(t);
  await cp(folder, join(dir, "node_modules/create-framegate"), { recursive: true });
  await symlink(root, join(dir, "node_modules/framegate"));
  const [command = ""] = Object.values<string>(own.bin);
  const args = [join(dir, "node_modules/create-framegate", command), "gate", "--template", "chat"];
  const { exitCode, stdout } = await startProcess(t, process.execPath, args, dir).ended;
  t.is(exitCode, 0);
  t.regex(stdout, /Wrote .*policies\/manners\.ts/);
  t.true((await readdir(join(dir, "gate/policies"))).includes("sign-in.ts"));
});

const resolutions: readonly (readonly [resolved: string | undefined, spec: string])[] = [
  [undefined, "^1.2.3"],
  ["https://registry.npmjs.org/framegate/-/framegate-1.2.3.tgz", "^1.2.3"],
  ["file:../framegate-1.2.3.tgz", "file:../../framegate-1.2.3.tgz"],
  ["https://example.com/framegate.tgz", "https://example.com/framegate.tgz"],
  [
    "git+ssh://git@github.com/framegate/framegate.git#0a1b",
    "git+ssh://git@github.com/framegate/framegate.git#0a1b",
  ],
];

test("the spec in package.json is what it was installed with", async (t) => {
  for (const [resolved, spec] of resolutions) {
    const lock = JSON.stringify({ packages: { "node_modules/framegate": { resolved } } });
    const dir = await makeFolder(t, { "user/node_modules/.package-lock.json": lock });
    const installed = join(dir, "user/node_modules/framegate");
    t.is(await specOf(installed, join(dir, "user/gate"), "1.2.3"), spec);
  }
});
