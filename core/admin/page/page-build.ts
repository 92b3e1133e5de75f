import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** A console's sources, beside the folder that their page is made in. */
export interface PageSources {
  /** Holds `build.ts`; `dist` in it is ours. */
  readonly root: string;
  /** Others that the page depends on. */
  readonly files: readonly string[];
  build(outDir: string): Promise<void>;
}

const consoleRoot = fileURLToPath(new URL("../../../console/", import.meta.url));

/** The folder of the console's page; undefined where there is none. A checkout makes it of the sources as they are. */
export async function findPage(): Promise<string | undefined> {
  const builder = join(consoleRoot, "build.ts");
  if (!existsSync(builder)) {
    const published = join(consoleRoot, "dist");
    return existsSync(published) ? published : undefined;
  }
  return makePage({
    root: consoleRoot,
    files: [join(consoleRoot, "../package-lock.json")],
    async build(outDir) {
      const { bundleConsole } = (await import(builder)) as { bundleConsole(outDir: string): Promise<void> };
      await bundleConsole(outDir);
    },
  });
}

/**
 * Each state of the sources has a folder of its own, named by what is in them, that never changes once it is there: so
 * a pull or an edit never gets the page of before, and gateways that start together do not meet half a page.
 */
export async function makePage({ root, files, build }: PageSources): Promise<string> {
  const dist = join(root, "dist");
  const name = await digest(root, files);
  const page = join(dist, name);
  if (existsSync(page)) return page;
  await mkdir(dist, { recursive: true });
  const made = await mkdtemp(join(dist, "making-"));
  try {
    await build(made);
    await rename(made, page).catch((error: unknown) => {
      if (!existsSync(page)) throw error;
    });
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  const others = (await readdir(dist)).filter((other) => other !== name && !other.startsWith("making-"));
  await Promise.all(others.map((other) => rm(join(dist, other), { recursive: true, force: true })));
  return page;
}

async function digest(root: string, files: readonly string[]): Promise<string> {
  const sources = await listSources(root);
  const hash = createHash("sha256");
  const all = [...sources.toSorted(), ...files];
  const contents = await Promise.all(all.map((file) => readFile(file)));
  contents.forEach((content, index) => {
    hash.update(`${relative(root, all[index]!)}\0${content.length}\0`).update(content);
  });
  return hash.digest("hex").slice(0, 16);
}

/** Without looking into `dist`, where folders come and go while others build. */
async function listSources(root: string): Promise<readonly string[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const nested = entries
    .filter(({ name }) => name !== "dist")
    .map(async (entry) => {
      const path = join(root, entry.name);
      if (!entry.isDirectory()) return [path];
      const inside = await readdir(path, { recursive: true, withFileTypes: true });
      return inside.filter((file) => file.isFile()).map(({ parentPath, name }) => join(parentPath, name));
    });
  return (await Promise.all(nested)).flat();
}
