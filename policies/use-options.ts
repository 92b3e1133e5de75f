import { runInNewContext } from "node:vm";
import { type CheckedOptions, type Options, unusableSchema } from "./options/checked-options.ts";
import { formats } from "./options/formats.ts";
import { prepareValidation, validateOptions } from "./options/validate.ts";

/** Far more than an honest schema takes, on a busy machine too; one of a few lines can keep a validator busy for ever. */
const MAX_CHECK_MS = 5000;

/**
 * In this process, for tools: what they are kept from is their user's. A gateway has it done in a sandbox.
 *
 * @param schema what a policy exports as `optionsSchema`; undefined takes all options as they are
 */
export function checkOptions(schema: unknown, given: Options, maxMs = MAX_CHECK_MS): CheckedOptions {
  prepareValidation();
  try {
    return withDeadline(maxMs, () => validateOptions(schema, given, formats));
  } catch (error) {
    return { problem: unusableSchema((error as Error).message) };
  }
}

/** A context of its own is the one place where the engine stops code that takes too long. */
function withDeadline<T>(maxMs: number, run: () => T): T {
  return runInNewContext("run()", { run }, { timeout: maxMs }) as T;
}
