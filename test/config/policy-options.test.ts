import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { installPack, removePack } from "../../policies/pack/install.ts";
import { makeCandidate } from "../policies/pack/packing.ts";
import { makeFolder } from "./folder.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const template = join(root, "cli/templates/tsconfig.json.template");

const jwt = { algorithms: ["HS256"], secret: "KEY", issuer: "https://issuer.test" };
const JWT = "@framegate/standard/jwt";
const greet = `export const optionsSchema = {
    type: "object",
    required: ["greeting"],
    properties: { greeting: { type: "string" }, times: { type: "integer", default: 1 } },
    additionalProperties: false,
  };
  export const client = () => {};`;

test("options of the standard pack: what is wrong is a type error that names the option", async (t) => {
  const dir = await makeProject(t);
  const right = [
    "hello",
    JWT,
    { use: JWT, options: jwt, enabled: false },
    { use: "@framegate/standard/rate-limit", options: { rate: 5 }, hooks: ["client"] },
    { use: "@framegate/standard/audit" },
    { use: "mine", options: { any: ["thing"] } },
    { use: "@acme/other/thing", options: { any: 1 } },
  ];
  t.deepEqual(await compile(dir, right), []);

  const of = (use: string, options: object) => compile(dir, ["hello", { use: "mine" }, { use, options }]);
  t.regex((await of(JWT, { ...jwt, audiense: "chat" })).join(), /'"audiense"' does not exist in type/);
  t.regex((await of(JWT, { ...jwt, algorithms: ["none"] })).join(), /\.algorithms' are incompatible/);
  t.regex((await of(JWT, { issuer: "a" })).join(), /Property 'algorithms' is missing/);
  t.regex((await of("@framegate/standard/rate-limit", { rate: "5" })).join(), /\.rate' are incompatible/);
});

test("options of installed packs, as long as they are installed", async (t) => {
  const dir = await makeProject(t);
  const policies = join(dir, "policies");
  const file = join(policies, ".packs/framegate-packs.d.ts");
  const wrong = [{ use: "@acme/guard/greet", options: { greeting: 5 } }];
  t.deepEqual(await compile(dir, wrong), []);

  await installPack(
    policies,
    await makeCandidate(t, { policies: { greet, plain: "export const client = () => {};" } }),
  );
  t.regex(await readFile(file, "utf8"), /readonly "@acme\/guard\/greet": \{\n {6}readonly greeting: string;/);
  t.regex((await compile(dir, wrong)).join(), /\.greeting' are incompatible/);
  t.deepEqual(
    await compile(dir, [
      { use: "@acme/guard/greet", options: { greeting: "Hello" } },
      { use: "@acme/guard/plain", options: { any: 1 } },
    ]),
    [],
  );

  const next = greet.replace('"string"', '"integer"');
  await installPack(policies, await makeCandidate(t, { version: "1.1.0", policies: { greet: next } }));
  t.deepEqual(await compile(dir, wrong), []);
  await removePack(policies, "@acme/guard");
  t.false(existsSync(file));
});

/** What `framegate init` writes, with this checkout as the package. */
async function makeProject(t: ExecutionContext): Promise<string> {
  const project = JSON.parse(await readFile(template, "utf8"));
  Object.assign(project.compilerOptions, {
    typeRoots: [join(root, "node_modules/@types")],
    paths: { framegate: [join(root, "core/index.ts")] },
  });
  const dir = await makeFolder(t, { "tsconfig.json": JSON.stringify(project) });
  await mkdir(join(dir, "policies"));
  return dir;
}

/** The compiler's errors in the project's own files, each in one line. */
async function compile(dir: string, policies: readonly unknown[]): Promise<string[]> {
  const config = { routes: [{ path: "/", upstream: "http://127.0.0.1:3000", policies }] };
  const text = `import { defineConfig } from "framegate";\nexport default defineConfig(${JSON.stringify(config)});\n`;
  await writeFile(join(dir, "framegate.config.ts"), text);
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const args = [compiler, "-p", dir, "--pretty", "false"];
  const { stdout } = spawnSync(process.execPath, args, { cwd: dir, encoding: "utf8" });
  const errors = stdout.split(/\n(?! )/).map((error) => error.replaceAll("\n", " "));
  return errors.filter((error) => error !== "" && !error.startsWith(".."));
}
