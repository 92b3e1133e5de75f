import { basename, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isPackName } from "../../policies/pack/pack-name.ts";
import { CliError } from "../errors.ts";
import { existingIn, readTemplates, writeProject } from "../init/init.ts";
import { findInstalledSpec } from "../init/installed-spec.ts";

const templates = fileURLToPath(new URL("../pack-templates/", import.meta.url));

export async function initPack(
  dir: string,
  { name }: { readonly name?: string },
  version: string,
): Promise<void> {
  const target = resolve(dir);
  const named = name ?? `@my-team/${basename(target).toLowerCase()}`;
  if (!isPackName(named)) {
    const message = `Expected --name to be a scoped name such as @acme/guard, got "${named}".`;
    throw new CliError("ERR_CLI_USAGE", message);
  }
  const files = await readTemplates(templates, {
    SPEC: await findInstalledSpec(target, version),
    NAME: named,
  });
  const existing = await existingIn(target, files);
  if (existing.length > 0) {
    const message = `${target} has ${existing.join(", ")} already. Nothing was written: choose another folder.`;
    throw new CliError("ERR_CLI_PATH", message);
  }
  await writeProject(target, files);
  const folder = relative(process.cwd(), target);
  const steps = [
    ...(folder === "" ? [] : [`cd ${folder}`]),
    "npm install",
    "npx framegate pack check",
    "npx framegate pack build",
  ];
  process.stdout.write(
    `Wrote ${named}: ${files.map(({ path }) => path).join(", ")}.\n\nNext:\n${steps.map((step) => `  ${step}\n`).join("")}`,
  );
}
