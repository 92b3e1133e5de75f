import type { TrialView } from "../../../core/admin/api/trials/trial-schema.ts";
import type { PayloadView } from "../../../core/traffic/records.ts";

/** A message that was changed, with a reply, lines and asks. */
export function makeTrial(policy: string): TrialView {
  const text = (data: string): PayloadView => ({
    ...{ encoding: "text" as const, data, length: data.length, isCut: false, redactions: 0 },
  });
  return {
    ...{ policy, version: "3f9a2b7c1d04", hook: "client", route: "chat", action: "replaced" },
    ...{ detail: "", stack: "", durationMs: 1.4, close: null, status: null, verdict: null },
    before: text('{"room":"lobby","text":"hi"}'),
    after: text('{"room":"lobby","text":"hi","from":"ada"}'),
    toClient: [text('{"ok":true}')],
    toServer: [],
    logs: [{ level: "info", text: "hi from ada" }],
    asks: [{ kind: "kv", ask: "get muted:ada", answer: "empty", message: "" }],
    notes: ["Its `session` began empty."],
  };
}
