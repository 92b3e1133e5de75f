import { MAX_ATTRIBUTES } from "../../wire/fields.ts";
import { RESULT_KIND } from "../../wire/result-record.ts";
import { MAX_BODIES_SHARE, type WireInitiative } from "../../wire/verdicts.ts";
import { allTooLarge, BodyEncoder } from "./body-encoder.ts";
import type { EncodedResult } from "./result-box.ts";
import type { GuestSeat } from "./seat.ts";
import { checkKeys } from "./verdict-error.ts";
import { attributesJson, checkClose, checkHeld, checkNextTick, checkTime, mayCall } from "./verdict-parts.ts";

/** The verdict of a `tick` or `renew` hook on its way. */
export interface EncodedInitiative {
  readonly wire: WireInitiative;
  readonly binary: Uint8Array | undefined;
}

const TICK_KEYS = ["toClient", "toServer", "close", "tick", "held", "renew"];
const RENEW_KEYS = ["attributes", "expires", "renewAt", "toClient", "toServer", "close", "tick"];

/** @returns undefined when the hook has said nothing */
export function encodeInitiative(
  value: unknown,
  hook: "tick" | "renew",
  seat: GuestSeat,
  maxBytes: number,
): EncodedInitiative | undefined {
  if (value === undefined || value === null) return undefined;
  const keys = hook === "tick" ? TICK_KEYS : RENEW_KEYS;
  checkKeys(value, "", (key) => keys.includes(key), keys);
  const { toClient, toServer, close, tick, ...rest } = value as Readonly<Record<string, unknown>>;
  const bodies = new BodyEncoder(false, maxBytes);
  const wire: { -readonly [Key in keyof WireInitiative]: WireInitiative[Key] } = {};
  // To each side as what the other one sends.
  if (toClient !== undefined) wire.toClient = bodies.encodeList(toClient, seat.types.server.text, "toClient");
  if (toServer !== undefined) wire.toServer = bodies.encodeList(toServer, seat.types.client.text, "toServer");
  if (close !== undefined) wire.close = checkClose(close);
  if (tick !== undefined && mayCall("tick", seat.tickHook)) wire.tick = checkNextTick(tick);
  if (hook === "tick" && rest.held !== undefined) wire.held = checkHeld(rest.held);
  if (hook === "renew") {
    const { attributes, expires, renewAt } = rest;
    if (attributes !== undefined) wire.attributes = JSON.parse(attributesJson(attributes));
    if (expires !== undefined) wire.expires = checkTime(expires, "expires");
    if (renewAt !== undefined) wire.renewAt = checkTime(renewAt, "renewAt");
  }
  return { wire, binary: bodies.takeBinary() };
}

/** @param renewal what the `renew` hook said that this verdict has called */
export function initiativeResult(
  own: EncodedInitiative | undefined,
  renewal: EncodedInitiative | undefined,
  maxBytes: number,
): EncodedResult {
  if (own === undefined && renewal === undefined) return UNCHANGED;
  const text = JSON.stringify({ ...own?.wire, ...(renewal && { renewal: renewal.wire }) });
  checkTextOf(text, maxBytes);
  const bodies = new BodyEncoder(false, maxBytes);
  bodies.follow(own?.binary);
  bodies.follow(renewal?.binary);
  return { kind: RESULT_KIND.initiative, text, binary: bodies.takeBinary() };
}

/** @param text JSON of a verdict that may have attributes */
export function checkTextOf(text: string, maxBytes: number): void {
  if (text.length > maxBytes * MAX_BODIES_SHARE + MAX_ATTRIBUTES) throw allTooLarge(maxBytes);
}

const UNCHANGED: EncodedResult = { kind: RESULT_KIND.unchanged, text: "", binary: undefined };
