import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { findPage } from "./page-build.ts";

export interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly etag: string;
  /** Its name says what is in it: it never changes. */
  readonly isHashed: boolean;
}

/** The console's page. Read as a whole, so that no path leads elsewhere. */
export interface StaticFiles {
  /** @param path of a URL; without an ending it is the page's own, and gives the page */
  find(path: string): Promise<StaticFile | undefined>;
}

/** @param findFolder is asked for each page: when the folder is another, as in a checkout after an edit, it is read anew */
export function createStaticFiles(findFolder: () => Promise<string | undefined> = findPage): StaticFiles {
  let files: ReadonlyMap<string, StaticFile> | undefined;
  let readFrom: string | undefined;
  return {
    async find(path) {
      const isPage = extname(path) === "" || path === "/index.html";
      if (isPage || files === undefined) {
        const folder = await findFolder();
        if (files === undefined || folder !== readFrom) {
          files = await readFiles(folder);
          readFrom = folder;
        }
      }
      return files.get(path) ?? (isPage ? files.get("/index.html") : undefined);
    },
  };
}

async function readFiles(folder: string | undefined): Promise<ReadonlyMap<string, StaticFile>> {
  if (folder === undefined) return new Map();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && TYPES[extname(entry.name)] !== undefined);
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
            type: TYPES[extname(name)]!,
            etag: `"${digest}"`,
            isHashed: /[-.][0-9A-Za-z]{8,}\.\w+$/.test(name),
          },
        ];
      }),
    ),
  );
}

const TYPES: Readonly<Record<string, string>> = {
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
