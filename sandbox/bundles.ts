import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";

/** A checkout has sources, the package JavaScript. */
const ending = extname(import.meta.url);

/** The guest's code as one script whose value is the function `boot`. */
export async function bundleGuest(): Promise<string> {
  const text = await bundle(`./guest/main${ending}`, {
    format: "iife",
    globalName: "guest",
    target: "es2024",
    platform: "neutral",
  });
  return `(() => { "use strict";\n${text}\nreturn guest.boot; })()`;
}

/**
 * The file that a host runs. From sources, Node would strip the types of each of its files anew in each host, and take
 * longer for that than for all else of its start, so a checkout has them bundled.
 */
export async function findHostMain(): Promise<string> {
  const main = `./host/main${ending}`;
  if (ending === ".js") return pathOf(main);
  const text = await bundle(main, { format: "esm", target: "node24", platform: "node" });
  const file = pathOf("../node_modules/.cache/framegate/sandbox/host/main.mjs");
  // Where nothing may be written, a host runs the sources.
  return keep(file, text).catch(() => pathOf(main));
}

async function bundle(entry: string, options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [pathOf(entry)],
    bundle: true,
    write: false,
    legalComments: "none",
    logLevel: "silent",
  });
  return outputFiles?.[0]?.text ?? "";
}

/** Other processes may read the file, and write the same, at any time. */
async function keep(file: string, text: string): Promise<string> {
  const before = await readFile(file, "utf8").catch(() => "");
  if (before === text) return file;
  const whole = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(whole, text);
  await rename(whole, file);
  return file;
}

function pathOf(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
