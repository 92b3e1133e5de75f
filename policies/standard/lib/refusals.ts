import type { Body, MessageVerdict, UpgradeVerdict } from "framegate/policy";

/** The answer to a client that has not said who it is. */
export function unauthorized(challenge: string, body: string): UpgradeVerdict {
  return { reject: { status: 401, headers: { "www-authenticate": challenge }, body } };
}

export function forbidden(body: string): UpgradeVerdict {
  return { reject: { status: 403, body } };
}

/** What becomes of a message that may not pass. */
export interface ViolationOptions {
  readonly onViolation: "close" | "drop" | "reply";
  readonly closeCode: number;
}

export const VIOLATION_PROPERTIES = {
  onViolation: {
    enum: ["close", "drop", "reply"],
    default: "close",
    description:
      "What becomes of a message that may not pass: `close` ends the connection, `drop` leaves it out, `reply` leaves it out and tells its sender why.",
  },
  closeCode: {
    type: "integer",
    minimum: 1000,
    maximum: 4999,
    default: 1008,
    description: "The code of that Close.",
  },
};

/**
 * @param details what `reply` says beside the reason
 * @param rule what of `close` only the operator is told
 */
export function refuseMessage(
  { onViolation, closeCode }: ViolationOptions,
  reason: string,
  details: { readonly [key: string]: Body } = {},
  rule?: string,
): MessageVerdict {
  if (onViolation === "close") {
    const told = rule === undefined ? {} : { rule: rule.slice(0, MAX_RULE_LENGTH) };
    return { close: { code: closeCode, reason: shorten(reason), ...told } };
  }
  if (onViolation === "drop") return { drop: true };
  return { drop: true, reply: [JSON.stringify({ error: reason, ...details })] };
}

/** A verdict may have no longer one. */
const MAX_RULE_LENGTH = 100;

/** A Close has room for 123 bytes of UTF-8; a character is at most three, or two of them four. */
function shorten(reason: string): string {
  return reason.length > 40 && new TextEncoder().encode(reason).length > 123
    ? `${reason.slice(0, 40)}…`
    : reason;
}
