import { HOOK_NUMBER } from "../../wire/hooks.ts";
import { RESULT_KIND } from "../../wire/result-record.ts";
import type { WireInitiative } from "../../wire/verdicts.ts";
import type { UrlParser } from "../globals/url.ts";
import { type EncodedInitiative, encodeInitiative, initiativeResult } from "./initiative.ts";
import type { EncodedResult } from "./result-box.ts";
import { type GuestSeat, renewSeat, type WaitingCall } from "./seat.ts";
import { encodeUnavailableVerdict } from "./unavailable-verdict.ts";
import { encodeUpgradeVerdict } from "./upgrade-verdict.ts";
import { createMessageVerdictEncoder } from "./verdict.ts";

/** Checks what hooks return, and puts it on the wire. */
export interface VerdictEncoder {
  /** @returns an object that the next call may write over */
  encode(value: unknown, seat: GuestSeat, hook: number, call: WaitingCall): EncodedResult;
  /** The verdict that is encoded next has called `renew`, which returned this. */
  join(value: unknown, seat: GuestSeat): void;
}

export function createVerdictEncoder(maxBytes: number, parseUrl: UrlParser): VerdictEncoder {
  const messages = createMessageVerdictEncoder(maxBytes);
  let joined: EncodedInitiative | undefined;

  function encodeRenewal(value: unknown, seat: GuestSeat): EncodedInitiative | undefined {
    const renewal = encodeInitiative(value, "renew", seat, maxBytes);
    if (renewal !== undefined) adopt(seat, renewal.wire);
    return renewal;
  }

  return {
    encode(value, seat, hook, call) {
      const renewal = joined;
      joined = undefined;
      switch (hook) {
        case HOOK_NUMBER.upgrade: {
          const text = encodeUpgradeVerdict(value, seat, parseUrl, maxBytes);
          return text === undefined ? UNCHANGED : { kind: RESULT_KIND.upgrade, text, binary: undefined };
        }
        case HOOK_NUMBER.unavailable: {
          const text = encodeUnavailableVerdict(value, parseUrl, maxBytes);
          return text === undefined ? UNCHANGED : { kind: RESULT_KIND.unavailable, text, binary: undefined };
        }
        case HOOK_NUMBER.tick:
          return initiativeResult(encodeInitiative(value, "tick", seat, maxBytes), renewal, maxBytes);
        case HOOK_NUMBER.renew:
          return initiativeResult(encodeRenewal(value, seat), undefined, maxBytes);
        case HOOK_NUMBER.close:
          return UNCHANGED;
        default: {
          if (renewal !== undefined) messages.join(renewal);
          const origin = hook === HOOK_NUMBER.client ? "client" : "server";
          return messages.encode(value, seat, origin, call);
        }
      }
    },
    join(value, seat) {
      joined = encodeRenewal(value, seat);
    },
  };
}

/** At once, and not when the worker says so to all policies: the next call of this entry is to see it. */
function adopt(seat: GuestSeat, { attributes, expires }: WireInitiative): void {
  const before = seat.websock.context as { readonly attributes?: object };
  renewSeat(seat, {
    ...(attributes !== undefined && {
      attributes: { ...before.attributes, ...(attributes as Readonly<Record<string, unknown>>) },
    }),
    ...(expires !== undefined && { expires }),
  });
}

const UNCHANGED: EncodedResult = { kind: RESULT_KIND.unchanged, text: "", binary: undefined };
