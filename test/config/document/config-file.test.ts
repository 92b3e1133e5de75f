import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { ConfigError, findConfigFile, loadConfigFile } from "../../../core/config/index.ts";
import { makeFolder } from "../folder.ts";

const typescript = `
import { defineConfig } from "framegate";
import { port } from "./port.ts";
export default defineConfig({ listen: [{ port: port as number }], policies: "./hooks" });
`;
const javascript = 'export default { listen: [{ port: 81 }], policies: "./hooks" };';
const json = '{ "$schema": "./x.json", "listen": [{ "port": 81 }], "policies": "./hooks" }';
const yaml = "listen:\n  - port: 81\npolicies: ./hooks\n";

const formats = { ts: typescript, mts: typescript, js: javascript, mjs: javascript, json, yaml, yml: yaml };

for (const [ending, text] of Object.entries(formats)) {
  test(`framegate.config.${ending} is found and read`, async (t) => {
    const name = `framegate.config.${ending}`;
    const dir = await makeFolder(t, { [name]: text, "port.ts": "export const port: unknown = 81;" });
    const file = await findConfigFile(dir);
    t.is(file, join(dir, name));
    t.like(await loadConfigFile(file), { file, policiesDir: join(dir, "hooks"), listen: [{ port: 81 }] });
  });
}

test("a script is run anew at each load, with what it imports", async (t) => {
  const dir = await makeFolder(t, { "framegate.config.ts": typescript, "port.ts": "export const port = 1;" });
  const file = join(dir, "framegate.config.ts");
  t.is((await loadConfigFile(file)).listen[0]!.port, 1);
  await writeFile(join(dir, "port.ts"), "export const port = 2;");
  t.is((await loadConfigFile(file)).listen[0]!.port, 2);
});

test("a script is run anew also when only what it reads has changed", async (t) => {
  const text = `
    import { readFileSync } from "node:fs";
    export default { listen: [{ port: Number(readFileSync(new URL("port", import.meta.url), "utf8")) }] };
  `;
  const dir = await makeFolder(t, { "framegate.config.mjs": text, port: "1" });
  const file = join(dir, "framegate.config.mjs");
  t.is((await loadConfigFile(file)).listen[0]!.port, 1);
  await writeFile(join(dir, "port"), "2");
  t.is((await loadConfigFile(file)).listen[0]!.port, 2);
});

test("a script knows its own place and Node's modules", async (t) => {
  const text = `
    import { basename } from "node:path";
    const { sep } = require("node:path");
    export default { policies: import.meta.dirname + sep + basename(import.meta.filename) };
  `;
  const dir = await makeFolder(t, { "framegate.config.mjs": text });
  const config = await loadConfigFile(join(dir, "framegate.config.mjs"));
  t.is(config.policiesDir, join(dir, "framegate.config.mjs"));
});

test("problems name the file", async (t) => {
  const { dir, error } = await failToLoad(t, "c.yaml", "workers: many\n");
  t.is(error.code, "ERR_CONFIG_INVALID");
  t.true(error.message.startsWith(`${join(dir, "c.yaml")} has a problem:\n  workers: `));
});

const unreadable: readonly (readonly [
  name: string,
  text: string,
  place: string,
  reason: string,
  frame: string,
])[] = [
  ["c.ts", "export default {\n  a: ,\n};\n", ":2:6", 'Unexpected ","', "  2 │   a: ,\n    │      ^"],
  [
    "c.ts",
    'import "nowhere";\n',
    ":1:8",
    'Could not resolve "nowhere"',
    '  1 │ import "nowhere";\n    │        ^',
  ],
  [
    "c.ts",
    "interface A { b: string }\nconst a = undefined as unknown as A;\nexport default { policies: a.b };\n",
    ":3:30",
    "TypeError: Cannot read properties of undefined (reading 'b')",
    "  1 │ interface A { b: string }\n  2 │ const a = undefined as unknown as A;\n  3 │ export default { policies: a.b };\n    │                              ^",
  ],
  [
    "c.json",
    '{\n  "a" 1\n}',
    ":2:7",
    "not valid JSON: Expected ':' after property name",
    '  1 │ {\n  2 │   "a" 1\n    │       ^',
  ],
  [
    "c.json",
    '{ "a": 1',
    ":1:9",
    "not valid JSON: Expected ',' or '}' after property value",
    '  1 │ { "a": 1\n    │         ^',
  ],
  [
    "c.yaml",
    "a: 1\nb: [1\n",
    ":3:1",
    "not valid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]",
    "  1 │ a: 1\n  2 │ b: [1\n  3 │ \n    │ ^",
  ],
  [
    "c.yaml",
    "a: 1\na: 2\n",
    ":2:1",
    "not valid YAML: Map keys must be unique",
    "  1 │ a: 1\n  2 │ a: 2\n    │ ^",
  ],
  [
    "c.yaml",
    "a: 1\n? [b]\n: 2\n",
    ":2:3",
    "not valid here: expected the names of options, got a list or an object as one",
    "  1 │ a: 1\n  2 │ ? [b]\n    │   ^",
  ],
];

for (const [name, text, place, reason, frame] of unreadable) {
  test(`${name}: ${reason}`, async (t) => {
    const { dir, error } = await failToLoad(t, name, text);
    t.is(error.code, "ERR_CONFIG_UNREADABLE");
    t.is(error.message, `${join(dir, name)}${place}: ${reason}\n\n${frame}`);
  });
}

test("a script without a default export", async (t) => {
  const { dir, error } = await failToLoad(t, "c.ts", "export const config = {};");
  t.is(
    error.message,
    `${join(dir, "c.ts")} has no default export. Write \`export default defineConfig({ … })\`.`,
  );
});

test("a script that throws something that is no error", async (t) => {
  const { dir, error } = await failToLoad(t, "c.ts", "throw 'no'; export default {};");
  t.is(error.message, `${join(dir, "c.ts")}: it threw no`);
});

test("an ending that is none", async (t) => {
  const { dir, error } = await failToLoad(t, "c.toml", "");
  t.is(
    error.message,
    `Expected a config file that ends in .ts, .mts, .js, .mjs, .json, .yaml or .yml, got ${join(dir, "c.toml")}.`,
  );
});

test("a file that is not there", async (t) => {
  const dir = await makeFolder(t);
  const error = await t.throwsAsync(loadConfigFile(join(dir, "c.ts")), {
    instanceOf: ConfigError,
    code: "ERR_CONFIG_NOT_FOUND",
  });
  t.is(
    error.message,
    `There is no config file ${join(dir, "c.ts")}. Check --config, or make one with \`framegate init\`.`,
  );
});

test("a folder without a config file", async (t) => {
  const dir = await makeFolder(t, { "gate.config.ts": "" });
  const error = await t.throwsAsync(findConfigFile(dir), {
    instanceOf: ConfigError,
    code: "ERR_CONFIG_NOT_FOUND",
  });
  t.is(
    error.message,
    `No config file in ${dir}: looked for framegate.config.ts, framegate.config.mts, framegate.config.js, framegate.config.mjs, framegate.config.json, framegate.config.yaml, framegate.config.yml.\n` +
      "Make one with `framegate init`, name one with --config FILE, or do without: --upstream URL --policies DIR.",
  );
});

test("a folder with two config files", async (t) => {
  const dir = await makeFolder(t, { "framegate.config.ts": "", "framegate.config.yaml": "" });
  const error = await t.throwsAsync(findConfigFile(dir), {
    instanceOf: ConfigError,
    code: "ERR_CONFIG_AMBIGUOUS",
  });
  t.is(
    error.message,
    `${dir} has 2 config files: framegate.config.ts and framegate.config.yaml. Keep one, or name one with --config FILE.`,
  );
});

async function failToLoad(t: ExecutionContext, name: string, text: string) {
  const dir = await makeFolder(t, { [name]: text });
  const error = await t.throwsAsync(loadConfigFile(join(dir, name)), { instanceOf: ConfigError });
  return { dir, error };
}
