import { HOLD } from "../../wire/verdicts.ts";
import type { UrlParser } from "../globals/url.ts";
import { readReject, readSubprotocol, readUrl } from "./upgrade-verdict.ts";
import { checkKeys, expected, VerdictError } from "./verdict-error.ts";
import { checkClose } from "./verdict-parts.ts";

const KEYS = ["reject", "connect", "hold"];
const HOLD_KEYS = ["for", "messages", "bytes", "subprotocol", "close"];

/** The JSON of a `CheckedUnavailableVerdict`, or undefined when the hook has not decided. */
export function encodeUnavailableVerdict(
  value: unknown,
  parseUrl: UrlParser,
  maxBytes: number,
): string | undefined {
  if (value === undefined || value === null) return undefined;
  checkKeys(value, "", (key) => KEYS.includes(key), KEYS);
  const { reject, connect, hold } = value as Record<string, unknown>;
  if (reject !== undefined && (connect !== undefined || hold !== undefined))
    throw new VerdictError("expected `reject` to stand alone, got `connect` or `hold` beside it");
  if (reject !== undefined) return JSON.stringify({ reject: readReject(reject, maxBytes) });
  if (connect === undefined && hold === undefined) return undefined;
  return JSON.stringify({
    ...(connect !== undefined && { connect: readUrl(connect, parseUrl) }),
    ...(hold !== undefined && { hold: readHold(hold) }),
  });
}

function readHold(hold: unknown) {
  const said = hold === true ? {} : hold;
  checkKeys(said, "hold", (key) => HOLD_KEYS.includes(key), HOLD_KEYS);
  const { for: forMs, messages, bytes, subprotocol, close } = said as Record<string, unknown>;
  return {
    forMs: readAmount(forMs, "for", "milliseconds"),
    messages: readAmount(messages, "messages", "a whole number"),
    bytes: readAmount(bytes, "bytes", "a whole number"),
    ...(subprotocol !== undefined && { subprotocol: readSubprotocol(subprotocol, "hold.subprotocol") }),
    close: close === undefined ? HOLD.close : checkClose(close),
  };
}

function readAmount(amount: unknown, key: "for" | "messages" | "bytes", what: string): number {
  const { usual, most } = HOLD[key];
  if (amount === undefined) return usual;
  if (typeof amount !== "number" || !Number.isInteger(amount) || amount < 1 || amount > most)
    throw expected(`hold.${key}`, `${what} from 1 to ${most}`, amount);
  return amount;
}
