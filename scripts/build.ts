/**
 * Makes dist/, what the published package runs: the same tree as JavaScript and declarations, for Node strips no types
 * below node_modules.
 */
import { spawnSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleConsole } from "../console/build.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
// `npm run types` checks the same files, and more; to check them here as well takes most of the time.
compile("tsconfig.build.json", "--noCheck");
// Another country, with globals and a tsconfig of its own.
compile("sandbox/guest", "--noEmit", "false", "--rootDir", ".", "--outDir", "dist");
copy("cli/templates");
copy("cli/pack-templates");
copy("sandbox/globals.d.ts");
await bundleConsole(join(dist, "console/dist"));
copy("docs/config.schema.json", "config.schema.json");

function compile(...args: readonly string[]): void {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const { status } = spawnSync(process.execPath, [compiler, "-p", ...args], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

function copy(path: string, to = path): void {
  cpSync(join(root, path), join(dist, to), { recursive: true });
}
