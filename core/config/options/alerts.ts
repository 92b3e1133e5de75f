import { z } from "zod";
import { FIELD_VALUE, TOKEN } from "../../../sandbox/wire/fields.ts";
import type { ConfigProblem } from "../errors.ts";
import { choice, section, text } from "./schema-parts.ts";
import { secretText } from "./secret-source.ts";
import { limitedDuration } from "./units.ts";

/** What there are alerts of. The names are sent: they stay. */
export const ALERT_EVENTS = [
  "policy.alert",
  "policy.failed",
  "policy.quarantined",
  "policy.rejected",
  "rollout.aborted",
  "rollout.finished",
  "source.taken",
  "source.refused",
  "source.failed",
  "upstream.down",
  "upstream.up",
  "kv.lost",
  "kv.back",
  "cluster.lost",
  "cluster.back",
  "sandbox.host-replaced",
  "worker.died",
  "connections.refused",
  "gateway.ready",
  "gateway.stopping",
] as const;

export type AlertEvent = (typeof ALERT_EVENTS)[number];

/** Where alerts go. Plain JSON, without any secret's value. */
export interface AlertSinkConfig {
  readonly webhook: string;
  readonly events: readonly AlertEvent[];
  readonly headers: Readonly<Record<string, string>>;
  /** The name of one of `secrets`. */
  readonly secret?: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
}

const URL_TEXT = 'an http or https URL without a user, such as "https://alerts.example.com/framegate"';

const alertSchema = section(
  "AlertInput",
  {
    webhook: secretText(
      z
        .url({ protocol: /^https?$/, error: URL_TEXT })
        .refine((url) => new URL(url).username === "" && new URL(url).password === "", { error: URL_TEXT }),
      "http://127.0.0.1",
    ).describe("URL that each alert is sent to, as JSON by POST. Redirects are not followed."),
    events: z
      .array(choice(ALERT_EVENTS), { error: 'a list of events such as ["policy.failed", "rollout.aborted"]' })
      .min(1, { error: "at least one event" })
      .prefault([...ALERT_EVENTS])
      .describe("Which events it is told of. Default: all."),
    headers: z
      .record(text("a header's name"), secretText(z.string({ error: "a header's value" }), "secret"), {
        error: 'an object such as { "X-Team": "edge" }',
      })
      .prefault({})
      .describe("Headers of the requests to it; a value may be in a variable or a file. Default: none."),
    secret: text("the name of one of `secrets`")
      .optional()
      .describe(
        "Name of the one of `secrets` that signs what is sent, as Standard Webhooks has it. Default: it is not signed.",
      ),
    every: limitedDuration()
      .prefault("5m")
      .describe(
        "For how long the same alert is not sent again; how often it came meanwhile is in the next one.",
      ),
    timeout: limitedDuration()
      .prefault("10s")
      .describe("Longest time until it has answered; then, and when it fails, it is tried again."),
  },
  'an object such as { webhook: "https://alerts.example.com/framegate" }',
);

export const alertsSchema = z.array(alertSchema, {
  error: 'a list such as [{ webhook: "https://alerts.example.com/framegate" }]',
});

export interface AlertsAround {
  readonly secrets: Readonly<Record<string, unknown>>;
  readonly problems: ConfigProblem[];
}

export function resolveAlerts(
  parsed: z.output<typeof alertsSchema>,
  { secrets, problems }: AlertsAround,
): readonly AlertSinkConfig[] {
  return parsed.map(({ webhook, events, headers, secret, every, timeout }, index) => {
    if (secret !== undefined && !Object.hasOwn(secrets, secret)) {
      const known = Object.keys(secrets).join(", ") || "none";
      problems.push({
        path: `alerts[${index}].secret`,
        message: `expected the name of one of secrets (${known}), got "${secret}"`,
      });
    }
    for (const [name, value] of Object.entries(headers)) {
      const message = problemOfHeader(name, value);
      if (message !== undefined) problems.push({ path: `alerts[${index}].headers`, message });
    }
    return {
      ...{ webhook, events, headers, everyMs: every, timeoutMs: timeout },
      ...(secret !== undefined && { secret }),
    };
  });
}

const OWN_HEADER =
  /^(?:webhook-.*|content-(?:type|length|encoding)|host|connection|keep-alive|transfer-encoding|upgrade|expect|te|trailer)$/i;

function problemOfHeader(name: string, value: string): string | undefined {
  if (!TOKEN.test(name)) return `expected the name of a header such as "X-Team", got "${name}"`;
  if (OWN_HEADER.test(name)) return `expected headers that the gateway does not set itself, got "${name}"`;
  // Not the value: it may be a credential.
  if (!FIELD_VALUE.test(value))
    return `expected "${name}" to have no line ends or other characters that a header cannot hold`;
  return undefined;
}
