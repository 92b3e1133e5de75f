import type { LoadFailure } from "../../wire/guest-entry.ts";
import type { HookFault } from "../../wire/verdicts.ts";
import { cut, formatValue } from "../globals/console.ts";
import { NotPlainData } from "./plain-json.ts";
import { VerdictError } from "./verdict.ts";

const MAX_MESSAGE = 2048;
const MAX_STACK = 8192;

/** What a hook threw, or what was wrong with what it returned. Runs getters of the policy's, and survives them. */
export function describeFault(hook: string, error: unknown): HookFault {
  if (isWrongResult(error)) {
    // A policy that got hold of one, from a capability, may have written into it.
    return { reason: "verdict", message: `\`${hook}\`: ${cut(readMessage(error), MAX_MESSAGE)}`, stack: "" };
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

function readMessage(error: Error): string {
  try {
    const message: unknown = error.message;
    return typeof message === "string" ? message : "returned what is no verdict";
  } catch {
    return "returned what is no verdict";
  }
}

export function describeLoadFailure(error: unknown): LoadFailure {
  return { reason: "throw", message: describeThrown(error), stack: readStack(error) };
}

function describeThrown(error: unknown): string {
  try {
    if (error instanceof Error) return cut(String(error), MAX_MESSAGE);
  } catch {
    return "an error that cannot be shown";
  }
  return cut(`${formatValue(error)}, which is not an Error`, MAX_MESSAGE);
}

function readStack(error: unknown): string {
  try {
    const stack: unknown = error instanceof Error ? error.stack : "";
    return typeof stack === "string" ? cut(stack, MAX_STACK) : "";
  } catch {
    return "";
  }
}
