import { basename } from "node:path";
import { loadConfigFile, resolveConfig } from "../../core/config/index.ts";
import { parseDocument } from "../../core/description/asyncapi/parse-document.ts";
import { readAsyncApi } from "../../core/description/asyncapi/read-asyncapi.ts";
import { describeChanges } from "../../core/description/changes/description-changes.ts";
import { generateFiles } from "../../core/description/files/generate.ts";
import { readStoredDescription } from "../../core/description/files/stored.ts";
import type { ReadDescription } from "../../core/description/read-description.ts";
import type { Side } from "../../sandbox/contract/hooks.ts";
import { CliError } from "../errors.ts";
import { findOptionalConfig } from "../gateway-options.ts";
import { readInput } from "../input-file.ts";
import { wordChanges, wordDescription, wordFiles } from "./asyncapi-words.ts";
import { planFiles, writeFiles } from "./policy-files.ts";
import { printEscaped } from "./print-escaped.ts";

export interface AsyncApiOptions {
  readonly config?: string;
  readonly out?: string;
  readonly name?: string;
  readonly channel?: readonly string[];
  readonly describes: Side;
  readonly passUnchecked?: boolean;
  readonly write?: boolean;
  readonly check?: boolean;
}

/** Writes what is made of the document, and says what it says otherwise than the last time. */
export async function writeAsyncApi(file: string, options: AsyncApiOptions): Promise<void> {
  const dir = options.out ?? (await policiesDir(options.config));
  const document = await parseDocument(await readInput(file, "name an AsyncAPI document"), file);
  const description = readAsyncApi(document, file, {
    describes: options.describes,
    channels: options.channel ?? [],
    passUnchecked: options.passUnchecked === true,
  });
  const name = options.name ?? defaultName(file, description);
  requireName(name);
  const generated = generateFiles(name, basename(file), description);
  const plan = await planFiles(dir, [generated.data, ...generated.others], options.write === true);
  const before = await readStoredDescription(dir, generated.data.name);
  const changes = before && describeChanges(before, { path: description.path, ...description.messages });
  const isDry = options.check === true;
  if (!isDry) await writeFiles(dir, plan);
  printEscaped([
    ...wordDescription(name, description, generated.problems),
    ...(changes === undefined ? [] : wordChanges(changes)),
    ...wordFiles(dir, plan, isDry),
  ]);
  if (isDry && plan.some(({ fate }) => fate === "new" || fate === "changed"))
    throw new CliError("ERR_CLI_PROBLEMS", "something would be written");
}

async function policiesDir(named: string | undefined): Promise<string> {
  const file = named ?? (await findOptionalConfig());
  const config =
    file === undefined
      ? resolveConfig({}, { dir: process.cwd() })
      : await loadConfigFile(file, { secretsStandIn: true });
  return config.policiesDir;
}

/** `asyncapi.yaml` says nothing of what it is about. */
function defaultName(file: string, { title }: ReadDescription): string {
  const own = basename(file)
    .replace(/\.[^.]+$/, "")
    .replace(/[._-]?asyncapi[._-]?/i, "");
  const words = (own === "" ? title : own).toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return words.replaceAll(/^-+|-+$/g, "") || "messages";
}

function requireName(name: string): void {
  if (/^[A-Za-z0-9][\w-]*$/.test(name)) return;
  const message = `Expected --name to be letters, digits, - and _, such as "chat", got "${name}".`;
  throw new CliError("ERR_CLI_USAGE", message);
}
