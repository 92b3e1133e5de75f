import { access, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CliError } from "./errors.ts";

const templates = fileURLToPath(new URL("./templates/", import.meta.url));

/**
 * Templates are named after the file they become, plus `.template`: nothing takes them for a config, a policy or a
 * package of ours, and npm does not drop them. It would drop `.gitignore`, which goes without its dot.
 */
const ENDING = ".template";

/** Where this runs from its sources, which npm need not have: what is installed has JavaScript only. */
const checkout = import.meta.filename.endsWith(".ts")
  ? fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "")
  : undefined;

/** Left alone where they exist: a project has its own. */
const OPTIONAL = ["package.json", ".gitignore"];

export interface ProjectFile {
  readonly path: string;
  readonly text: string;
}

export async function initProject(dir: string, version: string): Promise<void> {
  const target = resolve(dir);
  const all = await readTemplates(templates, { VERSION: version });
  const existing = await existingIn(target, all);
  const inTheWay = existing.filter((path) => !OPTIONAL.includes(path));
  if (inTheWay.length > 0) {
    const message = `${target} has ${inTheWay.join(", ")} already. Nothing was written: move them away, or choose another folder.`;
    throw new CliError("ERR_CLI_PATH", message);
  }
  const files = all.filter(({ path }) => !existing.includes(path));
  await writeProject(target, files);
  process.stdout.write(describeNextSteps(target, files, existing));
}

export async function writeProject(target: string, files: readonly ProjectFile[]): Promise<void> {
  for (const { path, text } of files) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    // `wx`: a file that has come into being since the check is not overwritten either.
    await writeFile(join(target, path), text, { flag: "wx" });
  }
}

/** @param values what stands in the templates, by the word that stands for it */
export async function readTemplates(
  folder: string,
  values: Readonly<Record<string, string>>,
): Promise<ProjectFile[]> {
  const fill = (text: string) =>
    Object.entries(values).reduce((filled, [word, value]) => filled.replaceAll(word, value), text);
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(ENDING)).sort();
  return Promise.all(
    names.map(async (name) => ({
      path: name.slice(0, -ENDING.length).replace(/^gitignore$/, ".gitignore"),
      text: fill(await readFile(join(folder, name), "utf8")),
    })),
  );
}

export async function existingIn(target: string, files: readonly ProjectFile[]): Promise<string[]> {
  const config = (await readdir(target).catch(() => [])).filter((name) =>
    name.startsWith("framegate.config."),
  );
  const found = await Promise.all(
    files.map(({ path }) =>
      access(join(target, path)).then(
        () => [path],
        () => [],
      ),
    ),
  );
  return [...new Set([...config, ...found.flat()])];
}

function describeNextSteps(
  target: string,
  files: readonly ProjectFile[],
  existing: readonly string[],
): string {
  const folder = relative(process.cwd(), target);
  const published = existing.includes("package.json") ? "npm install framegate" : "npm install";
  const install = checkout === undefined ? published : `npm install ${checkout}`;
  const steps = [
    ...(folder === "" ? [] : [`cd ${folder}`]),
    `${install.padEnd(30)} types for your editor`,
    `${"npx framegate dev --echo".padEnd(30)} then follow what it prints`,
  ];
  return [
    `Wrote ${files.map(({ path }) => path).join(", ")}.`,
    "",
    "Next:",
    ...steps.map((step) => `  ${step}`),
    "",
    "Then edit policies/hello.ts while it runs. Your own server goes into framegate.config.ts as `upstream`.",
    "",
  ].join("\n");
}
