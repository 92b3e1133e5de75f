import { dirname, resolve } from "node:path";
import type { BuildFailure, Message } from "esbuild";
import { messageOf, PoliciesError } from "../error.ts";
import type { PolicySource } from "../folder.ts";
import { showPath } from "../shown-path.ts";
import { findNearImport } from "./near-file.ts";

/**
 * What is wrong with the policy, worded for its author. What would mend it, beyond the files that were read, is added
 * to `inputs`.
 */
export async function explainFailure(
  source: PolicySource,
  inputs: Set<string>,
  cause: unknown,
): Promise<PoliciesError> {
  const dir = dirname(source.file);
  const errors = isBuildFailure(cause)
    ? await Promise.all(cause.errors.map((error) => reword(error, dir)))
    : [];
  const first = errors[0];
  if (!first) {
    const message = `${showPath(source.file)}: cannot be bundled: ${messageOf(cause)}`;
    return new PoliciesError("ERR_POLICY_BUNDLE", message, { cause, inputs: [...inputs] });
  }
  for (const error of errors) addMissingImport(error, inputs);
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  const message = `${placeOf(first) || showPath(source.file)}: ${first.text}${more}`;
  const frame = await drawFrame(errors);
  return new PoliciesError("ERR_POLICY_BUNDLE", message, {
    frame,
    cause,
    inputs: [...inputs],
    places: errors.map(placeOf),
  });
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as Partial<BuildFailure>).errors);
}

/** esbuild's advice is for those who can change its options; ours is for the author of a policy. */
async function reword(error: Message, dir: string): Promise<Message> {
  const location = error.location && { ...error.location, file: showPath(resolve(dir, error.location.file)) };
  const missing = unresolvedImport(error);
  const own = { ...error, location, pluginName: "" };
  if (error.text.startsWith("Top-level await")) {
    const text = "A policy cannot `await` at its top level. Await inside a hook instead.";
    return { ...own, text };
  }
  if (missing && !isRelative(missing)) {
    const text = `Could not resolve "${missing}". Install the package in ${showPath(dir)} or a folder above it.`;
    return { ...own, text, notes: [] };
  }
  const importer = resolve(dir, error.location?.file ?? "");
  const lost = missing ?? unreadImport(error);
  const near = lost && (await findNearImport(importer, lost));
  if (near) return { ...own, text: `Could not resolve "${lost}"; did you mean "${near}"?`, notes: [] };
  return own;
}

/** A file that is imported but not there yet: its appearance mends the build, wherever it is. */
function addMissingImport(error: Message, inputs: Set<string>): void {
  const missing = unresolvedImport(error);
  if (!missing || !isRelative(missing) || !error.location) return;
  inputs.add(resolve(dirname(resolve(error.location.file)), missing));
}

function unresolvedImport(error: Message): string | undefined {
  return /^Could not resolve "([^"]+)"/.exec(error.text)?.[1];
}

/** Of a name whose letters are of another case esbuild says that it is there, and then that it cannot be read. */
function unreadImport({ text, location }: Message): string | undefined {
  if (!location || !text.startsWith("Cannot read file: ")) return undefined;
  const { column, length } = location;
  const quoted = Buffer.from(location.lineText).subarray(column, column + length);
  const path = quoted.toString().slice(1, -1);
  return isRelative(path) ? path : undefined;
}

function isRelative(path: string): boolean {
  return /^\.{0,2}\//.test(path);
}

/** `file:line:column`, both from 1, column in characters: what editors jump to. */
function placeOf({ location }: Message): string {
  if (!location) return "";
  const before = Buffer.from(location.lineText).subarray(0, location.column).toString();
  return `${location.file}:${location.line}:${before.length + 1}`;
}

async function drawFrame(errors: readonly Message[]): Promise<string> {
  const { formatMessages } = await import("esbuild");
  const drawn = await formatMessages([...errors], { kind: "error", color: false });
  return drawn.map((text, i) => usePlace(text, errors[i]!).trimEnd()).join("\n\n");
}

/** esbuild counts columns from 0 and in bytes: let message and frame name the same place. */
function usePlace(text: string, error: Message): string {
  if (!error.location) return text;
  const { file, line, column } = error.location;
  return text.replace(`${file}:${line}:${column}:`, () => `${placeOf(error)}:`);
}
