import { execFile } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { dirname, join } from "node:path";
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

/**
 * What loads shared libraries into programs here, as it is mapped into this process; undefined: nothing does.
 *
 * @param maps as /proc/PID/maps has them, Linux
 */
export function findLoader(maps: string): string | undefined {
  return /\s(\/\S*\/ld(?:-|64\.so|\.so)[^/\s]*)$/m.exec(maps)?.[1];
}

/**
 * The shared libraries of a program, its loader among them, under the names by which it looks for them. The loader itself is
 * asked, as `ldd` does, a shell script that takes ten times as long.
 */
export async function findLibraries(loader: string, program: string): Promise<string[]> {
  const { stdout } = await run(loader, ["--list", program], { env: {} });
  return readLibraries(stdout);
}

/**
 * Of lines such as `libc.so.6 => /lib/libc.so.6 (0x7f…)`, `/lib64/ld-linux-x86-64.so.2 (0x7f…)`, and, where the loader was called
 * by another name, `/lib64/ld-linux-x86-64.so.2 => /usr/lib/ld-linux-x86-64.so.2 (0x7f…)`: programs look for the first.
 */
export function readLibraries(lines: string): string[] {
  return lines.split("\n").flatMap((line) => /(?:^\s*|=> )(\/\S+) (?:=> \S+ )?\(0x/.exec(line)?.[1] ?? []);
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
