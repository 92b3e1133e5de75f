import { join, resolve } from "node:path";
import { createContext, runInContext } from "node:vm";
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import test, { type ExecutionContext } from "ava";
import type { Bundle } from "../../../policies/bundle/bundle.ts";
import { bundlePolicy } from "../../../policies/bundle/bundler.ts";
import { PoliciesError } from "../../../policies/error.ts";
import { makeFolder, writeFiles } from "../temporary-folder.ts";

type Files = Readonly<Record<string, string>>;

async function bundleOf(t: ExecutionContext, files: Files): Promise<Bundle> {
  const root = await makeFolder(t, files);
  return bundlePolicy({ name: "auth", file: join(root, "policies/auth.ts") });
}

async function errorOf(t: ExecutionContext, files: Files): Promise<{ error: PoliciesError; root: string }> {
  const root = await makeFolder(t, files);
  const bundling = bundlePolicy({ name: "auth", file: join(root, "policies/auth.ts") });
  const error = await t.throwsAsync(bundling, { instanceOf: PoliciesError, code: "ERR_POLICY_BUNDLE" });
  return { error, root };
}

/** Run as the sandbox does, in a realm without anything of Node. */
function run(bundle: Bundle): Record<string, (...args: unknown[]) => unknown> {
  const realm = createContext({});
  runInContext(bundle.code, realm);
  return runInContext("__policy", realm);
}

test("a policy and what it imports become one script that leaves the exports in __policy", async (t) => {
  const bundle = await bundleOf(t, {
    "policies/auth.ts": `
      import { greet } from "./_lib/greet.ts";
      import limits from "./limits.json" with { type: "json" };
      export const client = (name: string): string => greet(name) + limits.max;`,
    "policies/_lib/greet.ts": "export const greet = (name: string) => 'héllo ' + name;",
    "policies/limits.json": '{ "max": 3 }',
  });
  t.is(run(bundle).client!("you"), "héllo you3");
  t.is(bundle.name, "auth");
  t.regex(bundle.version, /^[0-9a-f]{12}$/);
  const names = bundle.inputs.map((file) => file.split("/").slice(-2).join("/"));
  t.deepEqual(names.sort(), ["_lib/greet.ts", "policies/auth.ts", "policies/limits.json"]);
});

test("the version is that of the sources: another folder gives the same, another line another", async (t) => {
  const files = { "policies/auth.ts": "export const client = () => 1;" };
  const first = await bundleOf(t, files);
  const second = await bundleOf(t, files);
  const third = await bundleOf(t, { "policies/auth.ts": "export const client = () => 2;" });
  const moved = await bundleOf(t, { "policies/auth.ts": "// A comment\nexport const client = () => 1;" });
  t.not(first.file, second.file);
  t.is(first.version, second.version);
  t.not(first.version, third.version);
  t.is(first.code, moved.code);
  t.not(first.version, moved.version, "or traces would name the lines of before");
});

test("the source map leads to the author's file and line, with its text", async (t) => {
  const source = 'type Never = never;\n\nexport const client = () => {\n  throw new Error("here");\n};\n';
  const bundle = await bundleOf(t, { "policies/auth.ts": source });
  const lines = bundle.code.split("\n");
  const line = lines.findIndex((text) => text.includes("throw")) + 1;
  const map = new TraceMap(bundle.sourceMap);
  const position = originalPositionFor(map, { line, column: lines[line - 1]!.indexOf("throw") });
  t.is(position.source, bundle.file);
  t.is(position.line, 4);
  t.is(position.column, 2);
  t.deepEqual(map.sourcesContent, [source]);
});

test("a bundle is strict: a write to a frozen context throws", async (t) => {
  const bundle = await bundleOf(t, { "policies/auth.ts": "export const client = (c: any) => { c.x = 1; };" });
  t.throws(() => run(bundle).client!(Object.freeze({})), { name: "TypeError" });
});

test("an empty file has no exports, and a CommonJS one has those it sets", async (t) => {
  t.deepEqual(Object.keys(run(await bundleOf(t, { "policies/auth.ts": "" }))), []);
  const bundle = await bundleOf(t, { "policies/auth.ts": "exports.client = () => 1;" });
  t.is(run(bundle).client!(), 1);
});

test("framegate/policy is ours wherever the policy is", async (t) => {
  const bundle = await bundleOf(t, {
    "policies/auth.ts": 'import * as api from "framegate/policy"; export const client = () => typeof api;',
  });
  t.is(run(bundle).client!(), "object");
  t.true(bundle.inputs.some((file) => file.endsWith("/sandbox/policy-api.ts")));
});

test("an npm package is bundled, the one for browsers where it has one", async (t) => {
  const bundle = await bundleOf(t, {
    "policies/auth.ts": 'import { where } from "pkg"; export const client = () => where;',
    "node_modules/pkg/package.json":
      '{ "name": "pkg", "main": "node.js", "browser": { "./node.js": "./browser.js", "fs": false } }',
    "node_modules/pkg/node.js": 'exports.where = require("fs");',
    "node_modules/pkg/browser.js":
      'require("fs"); exports.where = process.env.NODE_ENV === "production" ? "browser" : "development";',
  });
  t.is(run(bundle).client!(), "browser");
  t.true(bundle.inputs.some((file) => file.endsWith("/node_modules/pkg/browser.js")));
});

test("an npm package may have the name of a Node module", async (t) => {
  const bundle = await bundleOf(t, {
    "policies/auth.ts": 'import { on } from "events"; export const client = () => on;',
    "node_modules/events/package.json": '{ "name": "events", "main": "events.js" }',
    "node_modules/events/events.js": "exports.on = 1;",
  });
  t.is(run(bundle).client!(), 1);
});

test("types of Node modules leave nothing behind", async (t) => {
  const bundle = await bundleOf(t, {
    "policies/auth.ts": 'import type { Stats } from "node:fs"; export const client = (s: Stats) => s.size;',
  });
  t.is(run(bundle).client!({ size: 3 }), 3);
});

test("an import that leads nowhere is told with the file that is nearest to it", async (t) => {
  const files = {
    "policies/_lib.ts": "export const a = 1;",
    "policies/shared/_words.ts": "export const a = 1;",
    "outside.ts": "export const a = 1;",
    "policies/c.ts": "export const a = 1;",
    "policies/whole/index.ts": "export const a = 1;",
  };
  const rows = [
    ["./_Lib.ts", "./_lib.ts"],
    ["./_Lib", "./_lib.ts"],
    ["./_lbi", "./_lib.ts"],
    ["./sharde/_Word.ts", "./shared/_words.ts"],
    ["../outsde.ts", "../outside.ts"],
    ["./whoel", "./whole"],
    // A folder without an index is nothing to import, and "the folder itself" means no file of it.
    ["./sharde", undefined],
    ["./shared", undefined],
    ["./", undefined],
    ["./autb.ts", undefined],
    ["./shared/nothing-of-the-kind.ts", undefined],
  ] as const;
  for (const [path, near] of rows) {
    const { error, root } = await errorOf(t, {
      ...files,
      "policies/auth.ts": `import { a } from "${path}";\nexport const client = () => a;`,
    });
    const question = near === undefined ? "" : `; did you mean "${near}"?`;
    t.is(error.message, `${root}/policies/auth.ts:1:19: Could not resolve "${path}"${question}`);
    t.true(error.inputs.includes(resolve(root, "policies", path)), path);
  }
});

const refused = [
  ["node:crypto", /Node modules do not exist in the sandbox \("node:crypto"\)\. Use the global `crypto`/],
  ["crypto", /Node modules do not exist in the sandbox \("crypto"\)\. Use the global `crypto`/],
  ["node:url", /Use the globals URL and URLSearchParams/],
  ["node:buffer", /Use TextEncoder, TextDecoder, Uint8Array, atob and btoa/],
  ["fs/promises", /A policy cannot read files/],
  ["node:sqlite", /A policy may use the language, web-standard globals/],
  ["framegate", /"framegate" is the gateway .* Import "framegate\/policy"/],
  ["https://example.com/x.js", /cannot import from a URL/],
  ["no-such-package", /Could not resolve "no-such-package"\. Install the package in /],
] as const;

for (const [path, expected] of refused) {
  test(`importing ${path} is an error on the author's line that says what to do`, async (t) => {
    const { error, root } = await errorOf(t, {
      "policies/auth.ts": `const é = "é"; export { é };\nimport * as x from "${path}";\nexport const client = () => x;`,
    });
    t.regex(error.message, expected);
    t.true(error.message.startsWith(`${root}/policies/auth.ts:2:20: `), error.message);
    t.false(error.message.includes("\n"));
    t.true(error.frame.includes(`${root}/policies/auth.ts:2:20:`));
    t.true(error.frame.includes(`import * as x from "${path}";`));
    t.false(error.frame.includes("platform"));
    t.true(error.inputs.includes(`${root}/policies/auth.ts`));
  });
}

test("a package that needs Node is named with its line", async (t) => {
  const { error, root } = await errorOf(t, {
    "policies/auth.ts": 'import "pkg"; export const client = () => 1;',
    "node_modules/pkg/package.json": '{ "name": "pkg", "main": "index.js" }',
    "node_modules/pkg/index.js": 'require("node:net");',
  });
  t.true(error.message.startsWith(`${root}/node_modules/pkg/index.js:1:9: Node modules do not exist`));
});

test("top-level await is refused in words", async (t) => {
  const { error } = await errorOf(t, { "policies/auth.ts": 'const é = "é"; await é;\nexport {};' });
  t.regex(
    error.message,
    /auth\.ts:1:16: A policy cannot `await` at its top level\. Await inside a hook instead\./,
  );
});

test("a fault in an imported file is named with its place, and each file that was read can mend it", async (t) => {
  const { error, root } = await errorOf(t, {
    "policies/auth.ts": 'import "../shared/a.ts"; export const client = () => 1;',
    "shared/a.ts": 'import "./b.ts";',
    "shared/b.ts": "const x: = 1;\n",
  });
  t.true(error.message.startsWith(`${root}/shared/b.ts:1:10: `), error.message);
  t.true(error.frame.includes("const x: = 1;"));
  const expected = ["policies/auth.ts", "shared/a.ts", "shared/b.ts"].map((file) => join(root, file));
  t.deepEqual([...error.inputs].sort(), expected);
});

test("an import from a file that is empty, as in the middle of a save, is a fault", async (t) => {
  const { error, root } = await errorOf(t, {
    "policies/auth.ts": 'import { allowed } from "./_allowed.ts";\nexport const upgrade = () => allowed;',
    "policies/_allowed.ts": "",
  });
  t.regex(error.message, /auth\.ts:1:10: Import "allowed" will always be undefined/);
  t.true(error.inputs.includes(join(root, "policies/_allowed.ts")));
});

test("a file that is imported and missing can mend it too, outside of the folder as well", async (t) => {
  const { error, root } = await errorOf(t, {
    "policies/auth.ts": 'import "../shared/new.ts"; import "./also.ts"; export const client = () => 1;',
  });
  t.regex(error.message, /Could not resolve "\.\.\/shared\/new\.ts" \(and 1 more\)$/);
  t.true(error.inputs.includes(join(root, "shared/new.ts")));
  t.true(error.inputs.includes(join(root, "policies/also.ts")));
});

test("a policy that is gone is an error that names it", async (t) => {
  const { error, root } = await errorOf(t, {});
  t.true(error.message.includes(join(root, "policies/auth.ts")));
  await writeFiles(root, { "policies/auth.ts": "export const client = () => 1;" });
  await t.notThrowsAsync(bundlePolicy({ name: "auth", file: join(root, "policies/auth.ts") }));
});
