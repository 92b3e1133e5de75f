import { HOOK_NUMBER } from "../../wire/hooks.ts";
import { plainJson } from "./plain-json.ts";
import type { GuestSeat } from "./seat.ts";
import { VerdictError } from "./verdict-error.ts";
import { mayCall } from "./verdict-parts.ts";

/** What the `renew` hook is to be given, if this verdict calls it. Asked of each verdict. */
export function wantedRenewal(
  seat: GuestSeat,
  hook: number,
  verdict: unknown,
): { readonly data: unknown } | undefined {
  if (typeof verdict !== "object" || verdict === null) return undefined;
  const { renew } = verdict as { readonly renew?: unknown };
  if (renew === undefined || renew === false) return undefined;
  // Of the others it is a key that they do not have.
  if (hook !== HOOK_NUMBER.client && hook !== HOOK_NUMBER.server && hook !== HOOK_NUMBER.tick)
    return undefined;
  if (!mayCall("renew", seat.renewHook)) return undefined;
  if ((verdict as { readonly close?: unknown }).close !== undefined)
    throw new VerdictError("expected `renew` or `close`, got both");
  return { data: renew === true ? null : JSON.parse(plainJson(renew, "renew")) };
}
