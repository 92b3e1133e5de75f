import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** @param path folders, as the variable PATH has them */
export function findProgram(name: string, path: string): string | undefined {
  return path
    .split(":")
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The shared libraries of this process, Node's loader among them, under the names by which it looked for them. */
export function ownLibraries(): string[] {
  const report: Report = process.report;
  // Who is at the other end of each socket is not asked for: it takes name servers.
  const { excludeNetwork } = report;
  report.excludeNetwork = true;
  const { sharedObjects } = report.getReport() as { readonly sharedObjects: readonly string[] };
  report.excludeNetwork = excludeNetwork;
  return sharedObjects.filter((file) => file.startsWith("/") && !file.endsWith(".node"));
}

/** What Node's types do not tell yet. */
type Report = NodeJS.ProcessReport & { excludeNetwork?: boolean };

/**
 * Those of another program. The loader itself is asked, as `ldd` does, a shell script that takes ten times as long.
 *
 * @param libraries of this process
 */
export async function findLibraries(program: string, libraries: readonly string[]): Promise<string[]> {
  const loader = libraries.find((file) => basename(file).startsWith("ld-"));
  if (loader === undefined) return [];
  const { stdout } = await run(loader, ["--list", program], { env: {} });
  return readLibraries(stdout);
}

/** Of lines such as `libc.so.6 => /lib/libc.so.6 (0x7f…)` and `/lib64/ld-linux-x86-64.so.2 (0x7f…)`. */
export function readLibraries(lines: string): string[] {
  return lines.split("\n").flatMap((line) => /(?:^|=>)\s*(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

const X_OTHERS = 0o001;
const R_OTHERS = 0o004;

/** Whether somebody who is nobody here can get at this file or folder. */
export function isOpenToAll(path: string): boolean {
  try {
    const stat = statSync(path);
    const needed = stat.isDirectory() ? R_OTHERS | X_OTHERS : R_OTHERS;
    return (stat.mode & needed) === needed && isPassable(dirname(path));
  } catch {
    return false;
  }
}

function isPassable(folder: string): boolean {
  if ((statSync(folder).mode & X_OTHERS) === 0) return false;
  return folder === "/" || isPassable(dirname(folder));
}
