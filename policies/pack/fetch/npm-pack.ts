import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { isObject } from "../../is-object.ts";

const MAX_REASON_CHARS = 500;

/** The archive that npm makes of a folder, or gets for a name or a URL. What it says of a failure is the error's message. */
export async function packWithNpm(spec: string, maxBytes: number): Promise<Uint8Array> {
  const scratch = await mkdtemp(join(await realpath(tmpdir()), "framegate-pack-"));
  try {
    await runNpm([
      "pack",
      "--ignore-scripts",
      "--silent",
      "--json",
      "--pack-destination",
      scratch,
      "--",
      spec,
    ]);
    const [archive, ...others] = (await readdir(scratch)).filter((file) => file.endsWith(".tgz"));
    if (archive === undefined || others.length > 0) throw new Error("npm made no archive");
    const file = join(scratch, archive);
    if ((await stat(file)).size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
    return await readFile(file);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function runNpm(args: readonly string[]): Promise<void> {
  // The variable as well: to pack a git repository npm starts itself once more.
  const env = { ...process.env, npm_config_ignore_scripts: "true" };
  const npm = spawn("npm", args, { env, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<number | null>((settle, reject) => {
    npm.on("error", (cause: NodeJS.ErrnoException) =>
      reject(cause.code === "ENOENT" ? new Error("npm is not on the PATH") : cause),
    );
    npm.on("close", settle);
  });
  const [exitCode, stdout, stderr] = await Promise.all([ended, text(npm.stdout), text(npm.stderr)]);
  if (exitCode !== 0)
    throw new Error(readReason(stdout) ?? (stderr.trim() || `npm pack ended with ${exitCode}`));
}

/** npm's errors have a text for a code of its own, and for git's only what git said. */
function readReason(stdout: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(stdout);
  } catch {
    return undefined;
  }
  const error = isObject(value) && isObject(value.error) ? value.error : {};
  const reason = typeof error.code === "string" ? error.summary : error.detail;
  if (typeof reason !== "string" || reason === "") return undefined;
  return reason.replace(/\s+/g, " ").slice(0, MAX_REASON_CHARS);
}
