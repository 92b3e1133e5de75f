import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly etag: string;
  /** Its name says what is in it: it never changes. */
  readonly isHashed: boolean;
}

/** The console's page. Read as a whole when it is first asked for, so that no path leads elsewhere. */
export interface StaticFiles {
  /** @param path of a URL; without an ending it is the page's own, and gives the page */
  find(path: string): Promise<StaticFile | undefined>;
}

export function createStaticFiles(folder: () => Promise<string | undefined> = findConsole): StaticFiles {
  let files: Promise<ReadonlyMap<string, StaticFile>> | undefined;
  return {
    async find(path) {
      files ??= folder().then(readFiles);
      const found = await files.catch((error: unknown) => {
        files = undefined;
        throw error;
      });
      return found.get(path) ?? (extname(path) === "" ? found.get("/index.html") : undefined);
    },
  };
}

/** A published package has the page; a checkout makes it when it is missing. */
async function findConsole(): Promise<string | undefined> {
  const root = fileURLToPath(new URL("../../console/", import.meta.url));
  const dist = join(root, "dist");
  const builder = join(root, "build.ts");
  if (existsSync(join(dist, "index.html"))) return dist;
  if (!existsSync(builder)) return undefined;
  const { buildConsole } = (await import(builder)) as { buildConsole(outDir: string): Promise<void> };
  // Of several gateways that make it at once, each makes its own, and the first is kept.
  const made = await mkdtemp(join(root, "dist-"));
  await buildConsole(made);
  await rename(made, dist).catch(() => rm(made, { recursive: true, force: true }));
  return dist;
}

async function readFiles(folder: string | undefined): Promise<ReadonlyMap<string, StaticFile>> {
  if (folder === undefined) return new Map();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && types[extname(entry.name)] !== undefined);
  return new Map(
    await Promise.all(
      files.map(async ({ parentPath, name }): Promise<[string, StaticFile]> => {
        const file = join(parentPath, name);
        const bytes = new Uint8Array(await readFile(file));
        const digest = createHash("sha256").update(bytes).digest("base64url").slice(0, 22);
        const path = `${dirname(file).slice(folder.length)}/${name}`.replaceAll("\\", "/");
        return [
          path,
          {
            bytes,
            type: types[extname(name)]!,
            etag: `"${digest}"`,
            isHashed: /[-.][0-9A-Za-z]{8,}\.\w+$/.test(name),
          },
        ];
      }),
    ),
  );
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
  ".json": "application/json",
  ".map": "application/json",
  ".txt": "text/plain; charset=utf-8",
  ".webmanifest": "application/manifest+json",
};
