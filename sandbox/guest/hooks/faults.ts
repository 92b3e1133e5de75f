import type { LoadFailure } from "../../wire/guest-entry.ts";
import { type HookFault, MAX_FAULT_MESSAGE, MAX_FAULT_PART, MAX_FAULT_STACK } from "../../wire/verdicts.ts";
import { cut, formatValue } from "../globals/console.ts";
import { NotPlainData } from "./plain-json.ts";
import { VerdictError } from "./verdict-error.ts";

const CANNOT_BE_SHOWN = "an error that cannot be shown";

/** What a hook threw, or what was wrong with what it returned. Runs getters of the policy's, and survives them. */
export function describeFault(hook: string, error: unknown): HookFault {
  if (isWrongResult(error)) {
    const message = `\`${hook}\`: ${describeRefusal(error)}`;
    return { reason: "verdict", message, stack: "", at: readPart(error) };
  }
  return { reason: "throw", message: `\`${hook}\` threw ${describeThrown(error)}`, stack: readStack(error) };
}

/** A Proxy of the policy's has its say even here. */
function isWrongResult(error: unknown): error is VerdictError | NotPlainData {
  try {
    return error instanceof VerdictError || error instanceof NotPlainData;
  } catch {
    return false;
  }
}

/** A policy that got hold of such an error may have written into it. */
function readPart(error: VerdictError | NotPlainData): string {
  try {
    const { at } = error as { readonly at?: unknown };
    return typeof at === "string" ? at.slice(0, MAX_FAULT_PART) : "";
  } catch {
    return "";
  }
}

/** What is wrong with a value. A policy that got hold of such an error, from a capability, may have written into it. */
export function describeRefusal(error: unknown): string {
  try {
    const { message } = error as { readonly message: unknown };
    return typeof message === "string" ? cut(message, MAX_FAULT_MESSAGE) : CANNOT_BE_SHOWN;
  } catch {
    return CANNOT_BE_SHOWN;
  }
}

export function describeLoadFailure(error: unknown): LoadFailure {
  return { reason: "throw", message: describeThrown(error), stack: readStack(error) };
}

function describeThrown(error: unknown): string {
  try {
    if (error instanceof Error) return cut(String(error), MAX_FAULT_MESSAGE);
  } catch {
    return CANNOT_BE_SHOWN;
  }
  return cut(`${formatValue(error)}, which is not an Error`, MAX_FAULT_MESSAGE);
}

function readStack(error: unknown): string {
  try {
    const stack: unknown = error instanceof Error ? error.stack : "";
    return typeof stack === "string" ? cut(stack, MAX_FAULT_STACK) : "";
  } catch {
    return "";
  }
}
