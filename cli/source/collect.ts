import { readFile, realpath } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { listFolder, readFiles } from "../../core/source/source-folder.ts";
import type { SourceFiles } from "../../core/source/version.ts";
import { bundlePolicy, isOfGateway } from "../../policies/bundle/bundler.ts";
import { findPolicies } from "../../policies/folder.ts";
import { lockFileOf } from "../../policies/pack/lock.ts";
import { CliError } from "../errors.ts";
import { findCompilerOptions } from "./compiler-options.ts";

/**
 * The files of a version: the folder of the policies, the lock of their packs, whatever else policies import, npm packages
 * among it, and how all of it is compiled.
 */
export async function collectVersion(policiesDir: string): Promise<SourceFiles> {
  const dir = await realpath(policiesDir);
  const root = dirname(dir);
  const listed = new Map<string, string>();
  for (const [path, file] of await listFolder(dir, false, root)) listed.set(`${basename(dir)}/${path}`, file);
  const lock = await readFile(lockFileOf(policiesDir)).catch(() => undefined);
  const inputs = await findInputs(dir);
  for (const input of [...inputs, ...(await findCompilerOptions(inputs, root))]) {
    if (input.startsWith(dir + sep) || isOfGateway(input)) continue;
    for (const [path, file] of placeInput(input, root)) {
      if ((listed.get(path) ?? file) !== file) {
        const message = `${listed.get(path)} and ${file} would both be ${path}: install one version of the package.`;
        throw new CliError("ERR_CLI_PATH", message);
      }
      listed.set(path, file);
    }
  }
  const files = new Map(await readFiles(listed));
  if (lock !== undefined) files.set(basename(lockFileOf(policiesDir)), lock);
  return files;
}

async function findInputs(dir: string): Promise<ReadonlySet<string>> {
  const bundles = await Promise.all((await findPolicies(dir)).map(bundlePolicy));
  return new Set(bundles.flatMap(({ inputs }) => inputs));
}

/** Where it is in the version: packages are found from the policies upwards, wherever they are on this machine. */
function placeInput(file: string, root: string): readonly (readonly [path: string, file: string])[] {
  const [, before, name, below] =
    /^(.*[\\/]node_modules[\\/])((?:@[^\\/]+[\\/])?[^\\/]+)[\\/](.*)$/s.exec(file) ?? [];
  if (before !== undefined && name !== undefined && below !== undefined) {
    const place = (path: string) => join("node_modules", name, path).split(sep).join("/");
    return [
      [place(below), file],
      // Which of its files is meant by its name.
      [place("package.json"), join(before, name, "package.json")],
    ];
  }
  const path = relative(root, file).split(sep).join("/");
  if (!path.startsWith("../")) return [[path, file]];
  const message = `Policies need ${file}, which is not below ${root}: move it there, or make a package of it.`;
  throw new CliError("ERR_CLI_PATH", message);
}
