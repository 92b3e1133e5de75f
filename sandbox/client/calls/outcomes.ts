import type { FaultReason, PolicyFault } from "../../contract/faults.ts";
import type { Payload } from "../../contract/hooks.ts";
import type { Outcome } from "../../contract/verdicts.ts";
import type { HookCall } from "../../contract.ts";
import { RESULT_KIND } from "../../wire/result-record.ts";
import { binaryOf, type ReceivedResult, stringOf, textBytesOf } from "../../wire/results.ts";
import { readChoice, readObject, readText, wrong } from "../../wire/shapes.ts";
import { type HookFault, MAX_FAULT_MESSAGE, MAX_FAULT_PART, MAX_FAULT_STACK } from "../../wire/verdicts.ts";
import { EditRefused, editMessage } from "./edited-message.ts";
import { fillExcerpts } from "./excerpts.ts";
import { readInitiative } from "./initiative.ts";
import { readMessageVerdict } from "./message-verdict.ts";
import { readUnavailableVerdict } from "./unavailable-verdict.ts";
import { readUpgradeVerdict } from "./upgrade-verdict.ts";

const UNCHANGED: Outcome = { kind: "unchanged" };
const NONE: readonly Payload[] = [];
const FAULT_REASONS = ["throw", "verdict", "timeout"] as const;

/** What is known of a fault, but for whose it is. */
export interface ToldFault extends Omit<HookFault, "reason"> {
  readonly reason: FaultReason;
}

/** What has been called, and with what. */
export type Called = Pick<HookCall, "hook" | "payload" | "allocate">;

/**
 * The border: what a host says of a call is checked here once more, by kind, size and value, before the gateway acts on
 * it. What does not pass is a fault of that one call; this never throws.
 *
 * @param fault Completes what is told of a fault.
 */
export function readOutcome(
  result: ReceivedResult,
  call: Called,
  maxBytes: number,
  fault: (told: ToldFault) => PolicyFault,
): Outcome {
  try {
    return read(result, call, maxBytes, fault);
  } catch (error) {
    const { message: what } = error as Error;
    if (error instanceof EditRefused) {
      const message = `\`${call.hook}\`: ${what}`;
      return { kind: "fault", fault: fault({ reason: "verdict", message, stack: "" }) };
    }
    const message = `\`${call.hook}\`: what the sandbox made of it is no verdict: ${what}`;
    return { kind: "fault", fault: fault({ reason: "nonsense", message, stack: "" }) };
  }
}

function read(
  result: ReceivedResult,
  call: Called,
  maxBytes: number,
  fault: (told: ToldFault) => PolicyFault,
): Outcome {
  const { kind } = result;
  const { hook } = call;
  if (kind === RESULT_KIND.unchanged) return UNCHANGED;
  if (kind === RESULT_KIND.fault)
    return { kind: "fault", fault: fault(readFault(JSON.parse(stringOf(result)))) };
  if (hook === "upgrade") {
    if (kind === RESULT_KIND.upgrade)
      return { kind: "upgrade", verdict: readUpgradeVerdict(JSON.parse(stringOf(result)), maxBytes) };
  } else if (hook === "unavailable") {
    if (kind === RESULT_KIND.unavailable)
      return { kind: "unavailable", verdict: readUnavailableVerdict(JSON.parse(stringOf(result)), maxBytes) };
  } else if (hook === "tick" || hook === "renew") {
    if (kind === RESULT_KIND.initiative)
      return readInitiative(JSON.parse(stringOf(result)), binaryOf(result), maxBytes, hook);
  } else if (hook !== "close") {
    if (kind === RESULT_KIND.text) return bodyOutcome(textBytesOf(result), false, maxBytes);
    if (kind === RESULT_KIND.textAsBinary) return bodyOutcome(textBytesOf(result), true, maxBytes);
    if (kind === RESULT_KIND.binary) return bodyOutcome(binaryOf(result), true, maxBytes);
    if (kind === RESULT_KIND.message)
      return readMessageVerdict(JSON.parse(stringOf(result)), binaryOf(result), maxBytes, call);
    if (kind === RESULT_KIND.excerpts)
      return bodyOutcome(fillExcerpts(call, textBytesOf(result), maxBytes), false, maxBytes);
    if (kind === RESULT_KIND.edit) return editOutcome(textBytesOf(result), call, maxBytes);
  }
  throw wrong("the kind of result", "one of this hook", kind);
}

/** A new body and nothing else: the common case. */
function bodyOutcome(bytes: Uint8Array, binary: boolean, maxBytes: number): Outcome {
  if (bytes.length > maxBytes) throw wrong("the body", `at most ${maxBytes} bytes`, bytes.length);
  return { kind: "message", body: { binary, bytes }, drop: false, reply: NONE, append: NONE };
}

/** A message of which nothing changes goes on as the very frames that came. */
function editOutcome(text: Buffer, call: Called, maxBytes: number): Outcome {
  const body = editMessage(call, text, maxBytes);
  return body === call.payload
    ? UNCHANGED
    : { kind: "message", body, drop: false, reply: NONE, append: NONE };
}

function readFault(json: unknown): HookFault {
  const { reason, message, stack, at } = readObject(json, "the fault");
  return {
    reason: readChoice(reason, "its reason", FAULT_REASONS),
    // With the name of the hook before it.
    message: readText(message, "its message", 2 * MAX_FAULT_MESSAGE),
    stack: readText(stack, "its stack", 2 * MAX_FAULT_STACK),
    ...(at !== undefined && { at: readText(at, "its part of the verdict", MAX_FAULT_PART) }),
  };
}
