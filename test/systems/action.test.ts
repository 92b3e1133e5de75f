import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Ajv } from "ajv";
import test from "ava";
import { parse } from "yaml";
import { main } from "../cli/process.ts";
import { makeFolder } from "../config/folder.ts";
import { root } from "../docs/documents.ts";
import { hasDeployPackages, readDeploySchema } from "../support/kubernetes.ts";

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string }>>;
  readonly runs: { readonly steps: readonly Step[] };
}

interface Step {
  readonly id?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const run = promisify(execFile);
const SCHEMA = "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json";
const TESTED = `import test from "node:test"; test("it holds", () => {});`;

test("the GitHub Action's script: check, test, replay and pack build, with reports that their readers take", async (t) => {
  if (!hasDeployPackages(t)) return;
  const { inputs, runs } = parse(await readFile(join(root, "deploy/action/action.yml"), "utf8")) as Action;
  for (const { run: script = "", env = {} } of runs.steps) {
    // Text of others in a script would be a script of others.
    t.notRegex(script, /\$\{\{/);
    for (const value of Object.values(env)) {
      const [, input = ""] = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(value) ?? [];
      t.true(input in inputs, value);
    }
  }
  const step = runs.steps.find(({ id }) => id === "run")!;
  const dir = await makeFolder(t, {
    "framegate.config.yaml":
      "console: false\nroutes: [{ path: /, upstream: 'ws://127.0.0.1:1', policies: [one] }]\n",
    "policies/one.ts": "export const client = () => {};\n",
    "policies/one.test.ts": TESTED,
    output: "",
  });
  await mkdir(join(dir, "node_modules/.bin"), { recursive: true });
  const framegate = join(dir, "node_modules/.bin/framegate");
  await writeFile(framegate, `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`);
  await chmod(framegate, 0o755);
  const act = async (command: string, given: Readonly<Record<string, string>> = {}) => {
    const settings = { COMMAND: command, TARGET: "", CONFIG: "", AGAINST: "", REPORT: "", ...given };
    const env = { ...process.env, ...settings, GITHUB_OUTPUT: join(dir, "output") };
    const args = ["--noprofile", "--norc", "-eo", "pipefail", "-c", step.run!];
    return run("bash", args, { cwd: dir, env }).then(
      () => 0,
      ({ code }) => code as number,
    );
  };
  const schema = await readDeploySchema(SCHEMA);
  const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
  const readSarif = async (name: string) => {
    const log = JSON.parse(await readFile(join(dir, name), "utf8"));
    t.true(validate(log), JSON.stringify(validate.errors));
    return log.runs[0].results;
  };

  t.is(await act("check"), 0);
  t.deepEqual(await readSarif("framegate.sarif"), []);
  await writeFile(join(dir, "policies/one.ts"), "export const client = () => {};\nconst n: number = '';\n");
  t.is(await act("check", { REPORT: "$(touch made).sarif" }), 1);
  const [found] = await readSarif("$(touch made).sarif");
  t.deepEqual(found.locations[0].physicalLocation, {
    artifactLocation: { uri: "policies/one.ts" },
    region: { startLine: 2, startColumn: 7 },
  });
  t.is(await act("test"), 0);
  t.regex(await readFile(join(dir, "framegate.xml"), "utf8"), /<testcase name="it holds"/);
  t.is(await act("replay", { TARGET: "none.ndjson" }), 1);
  t.is(await act("deploy"), 2);
  await run(framegate, ["pack", "init", "guard", "--name", "@acme/guard"], { cwd: dir });
  t.is(await act("pack-build", { TARGET: "guard" }), 0);
  t.regex(await readFile(join(dir, "output"), "utf8"), /^report=framegate\.sarif\n/);
});
