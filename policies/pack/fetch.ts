import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { messageOf, PoliciesError } from "../error.ts";
import { MAX_ARCHIVE_BYTES } from "./archive.ts";

/** The .tgz of a pack, from wherever it is. */
export interface FetchedPack {
  readonly bytes: Uint8Array;
  /** For the lock, and to fetch it anew. */
  readonly source: string;
}

/**
 * @param spec a .tgz file, a folder, or what npm takes: a name, `name@range`, a git URL. With npm's own configuration
 *   of the working directory; scripts of packages never run. Throws a PoliciesError (`ERR_PACK_FETCH`).
 */
export async function fetchPack(spec: string): Promise<FetchedPack> {
  if (/^-/.test(spec) || spec.trim() === "") throw failed(spec, "it is no name, file, folder or git URL");
  const found = await stat(spec).catch(() => undefined);
  if (found?.isFile()) {
    if (found.size > MAX_ARCHIVE_BYTES) throw failed(spec, `it is larger than ${MAX_ARCHIVE_BYTES} bytes`);
    return { bytes: await readFile(spec), source: `file:${resolve(spec)}` };
  }
  const isFolder = found?.isDirectory() ?? false;
  const source = isFolder ? `file:${resolve(spec)}` : spec;
  return { bytes: await packWithNpm(isFolder ? resolve(spec) : spec), source };
}

async function packWithNpm(spec: string): Promise<Uint8Array> {
  const scratch = await mkdtemp(join(await realpath(tmpdir()), "framegate-pack-"));
  try {
    await runNpm(["pack", "--ignore-scripts", "--silent", "--pack-destination", scratch, "--", spec]);
    const [archive, ...others] = (await readdir(scratch)).filter((file) => file.endsWith(".tgz"));
    if (archive === undefined || others.length > 0) throw new Error("npm made no archive");
    const file = join(scratch, archive);
    if ((await stat(file)).size > MAX_ARCHIVE_BYTES)
      throw new Error(`it is larger than ${MAX_ARCHIVE_BYTES} bytes`);
    return await readFile(file);
  } catch (cause) {
    throw failed(spec, messageOf(cause), cause);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function runNpm(args: readonly string[]): Promise<void> {
  return new Promise((settle, reject) => {
    // The variable as well: to pack a git repository npm starts itself once more.
    const env = { ...process.env, npm_config_ignore_scripts: "true" };
    const npm = spawn("npm", args, { env, stdio: ["ignore", "ignore", "pipe"] });
    let output = "";
    npm.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
    npm.on("error", (cause: NodeJS.ErrnoException) =>
      reject(cause.code === "ENOENT" ? new Error("npm is not on the PATH") : cause),
    );
    npm.on("close", (exitCode) => {
      if (exitCode === 0) settle();
      else reject(new Error(output.trim() || `npm pack exited with ${exitCode}`));
    });
  });
}

function failed(spec: string, what: string, cause?: unknown): PoliciesError {
  return new PoliciesError("ERR_PACK_FETCH", `"${spec}" cannot be fetched: ${what}`, { cause });
}
