import type { Side } from "../../sandbox/contract/hooks.ts";
import type { EndGrounds, LegCodes, SessionEnd } from "../session-end.ts";
import type { CloseStatus } from "../wire/close-payload.ts";
import { brokenRule } from "./broken-rule.ts";

type Entry = Omit<SessionEnd, "codes" | "durationMs" | "messages" | "bytes">;

/** Both legs were destroyed, and nobody said why: the gateway drains. */
const CUT_OFF: Entry = {
  initiator: "gateway",
  code: 1006,
  reason: "",
  cause: "drain",
  detail: "cut off",
  policy: "",
  version: "",
  rule: "drain",
};

/** What is written down of a session's end while it comes about: who brought it about and why, and what each leg was told. */
export class EndLedger {
  #entry: Entry | undefined;
  readonly #codes: Record<Side, { -readonly [Key in keyof LegCodes]: LegCodes[Key] }> = {
    client: { sent: null, got: null },
    server: { sent: null, got: null },
  };

  /** By whoever is the first to bring it about; what others say later changes nothing. */
  record(initiator: SessionEnd["initiator"], status: CloseStatus, grounds: EndGrounds): void {
    const { cause, detail, by = NOBODY, rule = brokenRule(cause) } = grounds;
    const { policy, version } = by;
    const { reason } = status;
    this.#entry ??= { initiator, code: codeOf(status), reason, cause, detail, policy, version, rule };
  }

  /** This side has sent a Close frame. */
  sent(by: Side, status: CloseStatus): void {
    this.#codes[by].sent ??= codeOf(status);
  }

  /** A Close frame has left for this side. */
  got(side: Side, status: CloseStatus): void {
    this.#codes[side].got ??= codeOf(status);
  }

  read(): Entry & Pick<SessionEnd, "codes"> {
    return { ...(this.#entry ?? CUT_OFF), codes: this.#codes };
  }
}

/** A policy has ended it: by its verdict, or by its fault. @param rule as its verdict calls what was broken */
export function policyGrounds(
  cause: "policy" | "policy-fault",
  { policy, version }: { readonly policy: string; readonly version: string },
  rule?: string,
): EndGrounds {
  return { cause, detail: policy, by: { policy, version }, ...(rule !== undefined && { rule }) };
}

/** A policy has let the connection last until then. */
export function expiryGrounds(
  at: number,
  by: { readonly policy: string; readonly version: string },
): EndGrounds {
  return { cause: "expires", detail: new Date(at).toISOString(), by };
}

export const EXPIRED: CloseStatus = { code: 1008, reason: "expired" };

const NOBODY = { policy: "", version: "" };

function codeOf({ code }: CloseStatus): number {
  return code ?? 1005;
}
