/**
 * Makes dist/, what the published package runs: JavaScript, for Node strips no types below node_modules, and the
 * declarations of the same tree.
 */
import { spawnSync } from "node:child_process";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleConsole } from "../console/build.ts";
import { bundleGuest, bundleHost } from "../sandbox/bundles.ts";
import { bundleProcesses } from "./bundle-processes.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
// `npm run types` checks the same files, and more; to check them here as well takes most of the time.
compile("tsconfig.build.json", "--noCheck");
await bundleProcesses(dist);
writeFileSync(join(dist, "sandbox/guest.js"), await bundleGuest());
writeFileSync(join(dist, "sandbox/host/main.js"), await bundleHost());
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
