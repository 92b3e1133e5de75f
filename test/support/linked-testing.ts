import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const testing = new URL("../../testing/index.ts", import.meta.url);

/** Lets what is in a folder import `framegate/testing` from this checkout, as if the package were installed there. */
export async function linkTesting(dir: string): Promise<void> {
  const folder = join(dir, "node_modules/framegate");
  await mkdir(folder, { recursive: true });
  const description = { name: "framegate", type: "module", exports: { "./testing": "./testing.js" } };
  await writeFile(join(folder, "package.json"), JSON.stringify(description));
  await writeFile(join(folder, "testing.js"), `export * from ${JSON.stringify(testing)};\n`);
}
