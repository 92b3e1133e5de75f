import type { CheckedUpgradeVerdict, HookName, Outcome, Payload, PolicyFault } from "../../contract.ts";
import { RESULT_KIND } from "../../wire/result-record.ts";
import { binaryOf, type ReceivedResult, stringOf, textBytesOf } from "../../wire/results.ts";
import type { HookFault, WireBody, WireMessageVerdict } from "../../wire/verdicts.ts";

/**
 * The border: what a host says is checked here once more, by kind and size, before the gateway acts on it. A host that
 * says anything else is broken, and these throw.
 */
const UNCHANGED: Outcome = { kind: "unchanged" };
const NONE: readonly Payload[] = [];
const DROP: Outcome = { kind: "message", drop: true, reply: NONE, append: NONE };

/** @param fault Completes what the guest says about a fault. */
export function readOutcome(
  result: ReceivedResult,
  hook: HookName,
  maxBytes: number,
  fault: (wire: HookFault) => PolicyFault,
): Outcome {
  switch (result.kind) {
    case RESULT_KIND.unchanged:
      return UNCHANGED;
    case RESULT_KIND.text:
      return bodyOutcome(textBytesOf(result), false, maxBytes);
    case RESULT_KIND.textAsBinary:
      return bodyOutcome(textBytesOf(result), true, maxBytes);
    case RESULT_KIND.binary:
      return bodyOutcome(binaryOf(result), true, maxBytes);
    case RESULT_KIND.message:
      if (hook === "upgrade") break;
      return readMessage(readJson(result) as WireMessageVerdict, binaryOf(result), maxBytes);
    case RESULT_KIND.upgrade:
      if (hook !== "upgrade") break;
      return { kind: "upgrade", verdict: readUpgrade(readJson(result) as CheckedUpgradeVerdict) };
    case RESULT_KIND.fault:
      return { kind: "fault", fault: fault(readFault(readJson(result) as HookFault)) };
  }
  throw new TypeError(`the host sent a result of kind ${result.kind} for \`${hook}\``);
}

/** A new body and nothing else: the common case. */
function bodyOutcome(bytes: Uint8Array, binary: boolean, maxBytes: number): Outcome {
  if (bytes.length > maxBytes) throw new TypeError("the host sent a body above the limit");
  return { kind: "message", body: { binary, bytes }, drop: false, reply: NONE, append: NONE };
}

function readJson(result: ReceivedResult): object {
  const json: unknown = JSON.parse(stringOf(result));
  if (typeof json !== "object" || json === null)
    throw new TypeError("the host sent a result that is not an object");
  return json;
}

function readMessage(wire: WireMessageVerdict, binary: Uint8Array, maxBytes: number): Outcome {
  let at = 0;
  const readBody = (body: WireBody): Payload => {
    let payload: Payload;
    if ("b" in body) {
      at += body.b;
      payload = { binary: true, bytes: binary.subarray(at - body.b, at) };
    } else if ("t" in body) payload = { binary: false, bytes: Buffer.from(body.t) };
    else payload = { binary: true, bytes: Buffer.from(body.u) };
    if (payload.bytes.length > maxBytes) throw new TypeError("the host sent a body above the limit");
    return payload;
  };
  const { body, drop, reply, append, close } = wire;
  if (drop && !body && !reply && !append && !close) return DROP;
  const first = body === undefined ? {} : { body: readBody(body) };
  const outcome = { ...first, reply: reply?.map(readBody) ?? NONE, append: append?.map(readBody) ?? NONE };
  if (at > binary.length) throw new TypeError("the host sent fewer bytes than it announced");
  if (close === undefined) return { kind: "message", drop: drop === true, ...outcome };
  if (
    !Number.isInteger(close.code) ||
    close.code < 1000 ||
    close.code > 4999 ||
    typeof close.reason !== "string"
  ) {
    throw new TypeError("the host sent a close that is none");
  }
  return {
    kind: "message",
    drop: drop === true,
    ...outcome,
    close: { code: close.code, reason: close.reason },
  };
}

function readUpgrade(verdict: CheckedUpgradeVerdict): CheckedUpgradeVerdict {
  const { connect, reject, attributes, headers, responseHeaders, subprotocol, contentType, expires } =
    verdict;
  for (const text of [connect, subprotocol, contentType, reject?.body, reject?.contentType]) {
    if (text !== undefined && typeof text !== "string")
      throw new TypeError("the host sent an upgrade that is none");
  }
  for (const object of [attributes, headers, responseHeaders, reject?.headers]) {
    if (object !== undefined && (typeof object !== "object" || object === null)) {
      throw new TypeError("the host sent an upgrade that is none");
    }
  }
  for (const number of [expires, reject?.status]) {
    if (number !== undefined && typeof number !== "number")
      throw new TypeError("the host sent an upgrade that is none");
  }
  return verdict;
}

function readFault({ reason, message, stack }: HookFault): HookFault {
  const known = reason === "throw" || reason === "verdict" || reason === "timeout";
  if (!known || typeof message !== "string" || typeof stack !== "string") {
    throw new TypeError("the host sent a fault that is none");
  }
  return { reason, message, stack };
}
