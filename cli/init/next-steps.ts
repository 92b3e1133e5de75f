import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, relative } from "node:path";

/** The package.json that is there already, as far as `init` goes by it. */
export interface OwnPackage {
  /** Whether its files are modules as they are. */
  readonly isModule: boolean;
  readonly hasFramegate: boolean;
}

/** Undefined: there is none, or it cannot be read. */
export async function readOwnPackage(target: string): Promise<OwnPackage | undefined> {
  try {
    const own = JSON.parse(await readFile(join(target, "package.json"), "utf8"));
    return {
      isModule: own.type === "module",
      hasFramegate: [own.dependencies, own.devDependencies].some((list) => list?.framegate !== undefined),
    };
  } catch {
    return undefined;
  }
}

export interface WrittenProject {
  readonly target: string;
  readonly paths: readonly string[];
  readonly own: OwnPackage | undefined;
  /** What `framegate` is in a package.json. */
  readonly spec: string;
  /** The policy to begin with. */
  readonly policy: string;
}

export function describeNextSteps({ target, paths, own, spec, policy }: WrittenProject): string {
  const folder = relative(process.cwd(), target);
  const steps = [
    ...(folder === "" ? [] : [`cd ${folder}`]),
    ...wordInstall(target, own, spec),
    wordStep("npx framegate test", "the policies' tests"),
    wordStep("npx framegate dev --echo", "then follow what it prints"),
  ];
  return [
    `Wrote ${paths.join(", ")}.`,
    "",
    "Next:",
    ...steps.map((step) => `  ${step}`),
    "",
    `Then edit policies/${policy}.ts while it runs. Your own server goes into framegate.config.ts as \`upstream\`.`,
    "",
  ].join("\n");
}

function wordInstall(target: string, own: OwnPackage | undefined, spec: string): string[] {
  const why = "the gateway, and types for your editor";
  if (own === undefined || (own.hasFramegate && !isInstalled(target))) return [wordStep("npm install", why)];
  if (own.hasFramegate) return [];
  const source = spec.startsWith("^") ? `framegate@${spec}` : spec.replace(/^file:(?=\.)/, "");
  return [wordStep(`npm install ${source}`, why)];
}

function isInstalled(target: string): boolean {
  try {
    createRequire(join(target, "package.json")).resolve("framegate/package.json");
    return true;
  } catch {
    return false;
  }
}

function wordStep(command: string, why: string): string {
  return `${command.padEnd(26)}  ${why}`;
}
