import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { glob, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { refreshEditorTypes } from "../../cli/editor-types.ts";
import { installPack, removePack } from "../../policies/pack/install.ts";
import { makeCandidate } from "../policies/pack/packing.ts";
import { startLanguageServer } from "../support/language-server.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const template = join(root, "cli/templates/common/tsconfig.json.template");

const jwt = { algorithms: ["HS256"], secret: "KEY", issuer: "https://issuer.test" };
const JWT = "@framegate/standard/jwt";
const RATE_LIMIT = "@framegate/standard/rate-limit";
const greet = `export const optionsSchema = {
    type: "object",
    required: ["greeting"],
    properties: { greeting: { type: "string" }, times: { type: "integer", default: 1 } },
    additionalProperties: false,
  };
  export const client = () => {};`;

/** One project, one test after the other: what the compiler found of the gateway's own files holds for all of them. */
let dir = "";
test.before(async () => {
  dir = await makeProject();
});
test.after.always(() => rm(dir, { recursive: true, force: true }));

test.serial(
  "options of the standard pack: what is wrong is a type error that names the option",
  async (t) => {
    const of = (use: string, options: object) => ["hello", { use: "mine" }, { use, options }];
    const errors = await compile({
      right: [
        "hello",
        JWT,
        { use: JWT, options: jwt, enabled: false },
        { use: RATE_LIMIT, options: { rate: 5 }, hooks: ["client"] },
        { use: "@framegate/standard/audit" },
        { use: "mine", options: { any: ["thing"] } },
        { use: "@acme/other/thing", options: { any: 1 } },
      ],
      unknown: of(JWT, { ...jwt, audiense: "chat" }),
      value: of(JWT, { ...jwt, algorithms: ["none"] }),
      missing: of(JWT, { issuer: "a" }),
      type: of(RATE_LIMIT, { rate: "5" }),
    });
    t.is(errors("right"), "");
    t.regex(errors("unknown"), /'"audiense"' does not exist in type/);
    t.regex(errors("value"), /\.algorithms' are incompatible/);
    t.regex(errors("missing"), /Property 'algorithms' is missing/);
    t.regex(errors("type"), /\.rate' are incompatible/);
  },
);

test.serial("options of installed packs are those of the version that is installed", async (t) => {
  const policies = join(dir, "policies");
  const file = join(policies, ".packs/framegate-packs.d.ts");
  const uses = {
    number: [{ use: "@acme/guard/greet", options: { greeting: 5 } }],
    text: [
      { use: "@acme/guard/greet", options: { greeting: "Hello" } },
      { use: "@acme/guard/plain", options: { any: 1 } },
    ],
  };
  await installPack(
    policies,
    await makeCandidate(t, { policies: { greet, plain: "export const client = () => {};" } }),
  );
  t.regex(await readFile(file, "utf8"), /readonly "@acme\/guard\/greet": \{\n {6}readonly greeting: string;/);
  const before = await compile(uses);
  t.regex(before("number"), /\.greeting' are incompatible/);
  t.is(before("text"), "");

  const next = greet.replace('"string"', '"integer"');
  await installPack(policies, await makeCandidate(t, { version: "1.1.0", policies: { greet: next } }));
  const after = await compile(uses);
  t.is(after("number"), "");
  t.regex(after("text"), /\.greeting' are incompatible/);
  await removePack(policies, "@acme/guard");
  t.false(existsSync(file));
});

test.serial(
  "an editor completes the names of policies: the gateway's, the folder's and those of packs",
  async (t) => {
    const policies = join(dir, "policies");
    await installPack(
      policies,
      await makeCandidate(t, {
        name: "@team/pack",
        policies: { x: "export const client = () => {};", greet },
      }),
    );
    const config = { file: join(dir, "framegate.config.ts"), policiesDir: policies, source: undefined };
    await writeFile(join(policies, "auth.ts"), "export const client = () => {};");
    await refreshEditorTypes(config);
    const editor = await startLanguageServer(t, dir);
    const offered = (chain: string) => editor.complete("framegate.config.ts", configText(chain));
    const known = [JWT, "auth", "@team/pack/x", "@team/pack/greet"];
    for (const chain of ['["|"]', '["auth", { use: "|" }]', '[{ use: "au|", options: {} }]']) {
      const names = await offered(chain);
      t.deepEqual(
        known.filter((name) => !names.includes(name)),
        [],
        chain,
      );
    }
    t.true((await offered('"|"')).includes("*"));

    await writeFile(join(policies, "late.ts"), "export const client = () => {};");
    await refreshEditorTypes(config);
    editor.changed("policies/.packs/framegate-packs.d.ts");
    t.true((await offered('["|"]')).includes("late"));

    for (const name of ["auth", "late"]) await rm(join(policies, `${name}.ts`));
    await removePack(policies, "@team/pack");
  },
);

test.serial(
  "what an editor knows is written where it is another, and where a tsconfig.json reads it",
  async (t) => {
    const policiesDir = join(dir, "policies");
    const file = join(policiesDir, ".packs/framegate-packs.d.ts");
    const config = { file: join(dir, "framegate.config.ts"), policiesDir, source: undefined };
    await writeFile(join(policiesDir, "auth.ts"), "export const client = () => {};");
    await refreshEditorTypes({ ...config, file: join(policiesDir, "framegate.config.ts") });
    t.false(existsSync(file));
    await refreshEditorTypes(config);
    const { mtimeMs } = await stat(file);
    await refreshEditorTypes(config);
    t.is((await stat(file)).mtimeMs, mtimeMs);
    await rm(join(policiesDir, "auth.ts"));
    await refreshEditorTypes(config);
    t.false(existsSync(file));
  },
);

function configText(chain: string): string {
  return `import { defineConfig } from "framegate";
export default defineConfig({ routes: [{ path: "/", upstream: "http://127.0.0.1:3000", policies: ${chain} }] });
`;
}

/** What `framegate init` writes, with this checkout as the package. */
async function makeProject(): Promise<string> {
  const project = JSON.parse(await readFile(template, "utf8"));
  // Several configs in one project, for the compiler takes its time over each.
  project.include = project.include.map((glob: string) => glob.replace(/^framegate\./, "*."));
  Object.assign(project.compilerOptions, {
    typeRoots: [join(root, "node_modules/@types")],
    paths: { framegate: [join(root, "core/index.ts")] },
    incremental: true,
    tsBuildInfoFile: "compiled.tsbuildinfo",
  });
  const folder = await mkdtemp(join(tmpdir(), "framegate-"));
  await writeFile(join(folder, "tsconfig.json"), JSON.stringify(project));
  await mkdir(join(folder, "policies"));
  return folder;
}

/** A config for each name, with these policies, and no other. @returns the compiler's errors in the config of a name */
async function compile(
  chains: Readonly<Record<string, readonly unknown[]>>,
): Promise<(name: string) => string> {
  for await (const name of glob("*.config.ts", { cwd: dir })) await rm(join(dir, name));
  for (const [name, policies] of Object.entries(chains)) {
    const config = { routes: [{ path: "/", upstream: "http://127.0.0.1:3000", policies }] };
    const text = `import { defineConfig } from "framegate";\nexport default defineConfig(${JSON.stringify(config)});\n`;
    await writeFile(join(dir, `${name}.config.ts`), text);
  }
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const args = [compiler, "-p", dir, "--pretty", "false"];
  const { stdout } = spawnSync(process.execPath, args, { cwd: dir, encoding: "utf8" });
  const errors = stdout.split(/\n(?! )/).map((error) => error.replaceAll("\n", " "));
  const others = errors.filter((error) => error !== "" && !/^(\.\.|\w+\.config\.ts\()/.test(error));
  if (others.length > 0) throw new Error(others.join("\n"));
  return (name) => errors.filter((error) => error.startsWith(`${name}.config.ts`)).join();
}
