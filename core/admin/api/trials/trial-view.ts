import type { Payload } from "../../../../sandbox/contract/hooks.ts";
import type { RedactionRules } from "../../../redaction/rules.ts";
import { viewPayload } from "../../../traffic/payload-view.ts";
import type { PayloadView } from "../../../traffic/records.ts";
import type { TrialResult } from "../../../trial/trial.ts";
import type { TrialView } from "./trial-schema.ts";

type Rules = RedactionRules;

/** What came of it, as it may be shown: what a policy says can hold secrets that it was told. */
export function viewTrial(
  { call, effect, steps, logs, asks, durationMs }: TrialResult,
  rules: Rules,
): Omit<TrialView, "policy" | "version" | "route" | "notes"> {
  const isMessage = call.hook === "client" || call.hook === "server";
  const show = (payload: Payload) => showPayload(payload, rules);
  const step = steps.at(-1);
  const hide = (text: string) => rules.redactText(text);
  return {
    hook: call.hook,
    action: step?.action ?? "passed",
    detail: hide(step?.detail ?? ""),
    stack: hide(step?.stack ?? ""),
    durationMs: step?.durationMs ?? durationMs,
    before: isMessage && call.payload ? show(call.payload) : null,
    after: effect.body ? show(effect.body) : null,
    toClient: effect.toClient.map(show),
    toServer: effect.toServer.map(show),
    close: effect.close ? { code: effect.close.code, reason: hide(effect.close.reason) } : null,
    status: effect.status ?? null,
    verdict: isMessage || step === undefined ? null : hideWithin(step.verdict(showText), rules),
    logs: logs.map(({ level, text }) => ({ level, text: hide(text) })),
    asks: asks.map(({ kind, ask, answer, message }) => ({
      ...{ kind, answer },
      ask: kind === "fetch" ? hideUrl(ask, rules) : hide(ask),
      message: hide(message),
    })),
  };
}

/** More of a payload nobody reads on a page. */
const MOST_SHOWN_BYTES = 256 * 1024;

function showPayload({ binary, bytes }: Payload, rules: Rules): PayloadView {
  const { length } = bytes;
  const shown = Buffer.from(bytes.subarray(0, MOST_SHOWN_BYTES));
  const isCut = length > shown.length;
  const raw = {
    bytes: shown,
    kind: binary ? "binary" : "text",
    length,
    isCut,
    before: Buffer.alloc(0),
  } as const;
  return viewPayload(raw, rules);
}

function showText({ binary, bytes }: Payload): string {
  return binary ? `${bytes.length} bytes` : Buffer.from(bytes).toString();
}

/** As attributes are hidden: by the names that values stand under. */
function hideWithin(verdict: Readonly<Record<string, unknown>>, rules: Rules): unknown {
  return rules.redactAttributes(JSON.parse(JSON.stringify(verdict)) as Record<string, unknown>);
}

/** As in `GET https://…`. */
function hideUrl(ask: string, rules: Rules): string {
  const [method = "", ...rest] = ask.split(" ");
  return `${method} ${rules.redactUrl(rest.join(" "))}`;
}
