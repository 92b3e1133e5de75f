/**
 * Writes sandbox/message/json-skip-code.ts: what AssemblyScript's compiler makes of sandbox/message/assembly/skip.ts.
 *
 *   npm ci --prefix .ci/assembly --ignore-scripts && npx node scripts/write-json-skip.ts
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const FILE = "sandbox/message/json-skip-code.ts";
const compiler = join(root, ".ci/assembly/node_modules/assemblyscript/bin/asc.js");
const OPTIONS = [
  ...["-O3", "--runtime", "stub", "--noAssert", "--enable", "simd", "--disableWarning", "112"],
  ...["--initialMemory", "1", "--maximumMemory", "1"],
];

export const hasAssemblyCompiler = (): boolean => existsSync(compiler);

export async function renderJsonSkip(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "framegate-assembly-"));
  try {
    const out = join(folder, "skip.wasm");
    const args = [compiler, "sandbox/message/assembly/skip.ts", "--outFile", out, ...OPTIONS];
    await promisify(execFile)(process.execPath, args, { cwd: root });
    const code = await readFile(out, "base64");
    return [
      "// Written by scripts/write-json-skip.ts from sandbox/message/assembly: edit that.",
      "// biome-ignore-all format: a script cannot know how long lines are broken",
      "",
      "/** WebAssembly, as base64. */",
      `export const JSON_SKIP_CODE = ${JSON.stringify(code)};`,
      "",
    ].join("\n");
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeFile(join(root, FILE), await renderJsonSkip());
