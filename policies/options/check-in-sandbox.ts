import { createHash } from "node:crypto";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { PolicyBundle, PolicyExports } from "../../sandbox/contract.ts";
import { bundlePolicy } from "../bundle/bundler.ts";
import { isObject } from "../is-object.ts";
import { type CheckedOptions, type Options, unusableSchema } from "./checked-options.ts";
import { FORMAT_NAMES } from "./format-names.ts";

/** `.ts` in a checkout, `.js` in the published package. */
const fileOf = (name: string) =>
  fileURLToPath(new URL(`${name}${extname(import.meta.url)}`, import.meta.url));

/** Far more than an honest schema takes, on a busy machine too; one of a few lines can keep a validator busy for ever. */
const MAX_CHECK_MS = 3000;

/** A problem is a sentence that shows one value at most. */
const MAX_PROBLEM = 4096;

const bundles = new Map<string, Promise<PolicyBundle>>();

function bundleOf(name: string): Promise<PolicyBundle> {
  const bundle = bundles.get(name) ?? bundlePolicy({ name: "optionsSchema", file: fileOf(name) });
  bundles.set(name, bundle);
  return bundle;
}

const PLAIN = { file: "answer", call: "answer" };
const FULL = { file: "answer-with-formats", call: "answerWithFormats" };

/** Also where a text of the options looks like one: that costs a little time, and nothing else. */
const formatName = new RegExp(`"format":"(?:${FORMAT_NAMES.join("|")})"`);

/**
 * A schema is anybody's, and so is how long it takes, how much memory, and what code is made of it. So that is loaded as
 * if it were a policy, whose top level does the check, and whose exports are the answer: the limits of a load hold.
 *
 * @param exportsOf loads a bundle in a sandbox
 * @throws what `exportsOf` throws, where that is not the schema's doing
 */
export async function checkInSandbox(
  schema: unknown,
  given: Options,
  exportsOf: (bundle: PolicyBundle) => Promise<PolicyExports>,
  maxMs = MAX_CHECK_MS,
): Promise<CheckedOptions> {
  const question = JSON.stringify([schema, given]);
  const entry = formatName.test(question) ? FULL : PLAIN;
  const { name, file, code } = await bundleOf(entry.file);
  const version = createHash("sha256").update(question).digest("hex").slice(0, 12);
  const asking = `${code}\n__policy = __policy.${entry.call}(${JSON.stringify(question)});`;
  try {
    const own = { loadTimeoutMs: maxMs };
    const exports = await exportsOf({ name, file, version, code: asking, sourceMap: "", own });
    return readAnswer(exports.optionsSchema, given);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== "ERR_POLICY_LOAD") throw error;
    const limits = `${maxMs} ms and the memory of \`sandbox.memoryLimit\``;
    return { problem: unusableSchema(`the check of these options does not end within ${limits}`) };
  }
}

/** What a taken-over sandbox says is read as closely as what a policy says: options of a use, or one sentence. */
function readAnswer(answer: unknown, given: Options): CheckedOptions {
  if (isObject(answer)) {
    if (isObject(answer.changed)) return { options: { ...given, ...answer.changed } };
    if (typeof answer.problem === "string") return { problem: answer.problem.slice(0, MAX_PROBLEM) };
  }
  return { problem: unusableSchema("the check of these options has no answer") };
}
