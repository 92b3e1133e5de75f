import { access, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { writeEditorTypes } from "../../policies/pack/editor-types.ts";
import { CliError } from "../errors.ts";
import { findInstalledSpec } from "./installed-spec.ts";
import { describeNextSteps, readOwnPackage } from "./next-steps.ts";
import { chooseTemplate } from "./template-choice.ts";

const templates = fileURLToPath(new URL("../templates/", import.meta.url));

/**
 * Templates are named after the file they become, plus `.template`: nothing takes them for a config, a policy or a
 * package of ours, and npm does not drop them. It would drop `.gitignore`, which goes without its dot.
 */
const ENDING = ".template";

/** Left alone where they exist: a project has its own. */
const OPTIONAL = ["package.json", ".gitignore"];

export interface ProjectFile {
  readonly path: string;
  readonly text: string;
}

/** Of a package.json that is not a module's: what Node takes for modules are the policies' tests, too. */
const MODULES: ProjectFile = { path: "policies/package.json", text: '{ "type": "module" }\n' };

export async function initProject(
  dir: string,
  { template: named }: { readonly template?: string },
  version: string,
): Promise<void> {
  const target = resolve(dir);
  const template = await chooseTemplate(named);
  const spec = await findInstalledSpec(target, version);
  const own = await readOwnPackage(target);
  const common = await readTemplates(join(templates, "common"), { SPEC: spec });
  const special = await readTemplates(join(templates, template.name), { SPEC: spec });
  const all = [
    ...common.filter(({ path }) => special.every((file) => file.path !== path)),
    ...special,
    ...(own === undefined || own.isModule ? [] : [MODULES]),
  ];
  const existing = await existingIn(target, all);
  const inTheWay = existing.filter((path) => !OPTIONAL.includes(path));
  if (inTheWay.length > 0) {
    const message = `${target} has ${inTheWay.join(", ")} already. Nothing was written: move them away, or choose another folder.`;
    throw new CliError("ERR_CLI_PATH", message);
  }
  const files = all.filter(({ path }) => !existing.includes(path));
  await writeProject(target, files);
  await writeEditorTypes(join(target, "policies"));
  const paths = files.map(({ path }) => path).sort();
  process.stdout.write(describeNextSteps({ target, paths, own, spec, policy: template.policy }));
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
