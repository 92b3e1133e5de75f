import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { isDeepStrictEqual } from "node:util";
import type { AlertSinkConfig } from "../config/index.ts";
import type { GatewayEvent } from "../events.ts";
import type { Logger } from "../log.ts";
import { redactFields } from "../redaction/log-fields.ts";
import type { RedactionRules } from "../redaction/rules.ts";
import type { SecretValues } from "../redaction/secret-values.ts";
import { type Alert, type CountedAlert, isOfPolicy, SEVERITY_OF } from "./alert.ts";
import { createAlertLimit } from "./alert-limit.ts";
import { alertOfEvent } from "./event-alert.ts";
import { Repeats } from "./repeats.ts";
import { createWebhook, type Webhook } from "./webhook.ts";

/** Tells those who do not look. Nothing waits for it. */
export interface Alerts {
  /** Undefined: there is nothing to tell. */
  raise(alert: Alert | undefined): void;
  observe(event: GatewayEvent): void;
  /** These and no others, from now on. One that is as it was keeps what it has not sent yet. */
  update(sinks: readonly AlertSinkConfig[], secrets: SecretValues): void;
  /** Sends what waits, for a moment. */
  close(): Promise<void>;
}

export interface AlertsOptions {
  readonly logger: Logger;
  /** What must not be sent. */
  readonly rules: RedactionRules;
  count(outcome: AlertOutcome, alerts: number): void;
}

export type AlertOutcome = "sent" | "dropped" | "limited";

interface Sink {
  readonly config: AlertSinkConfig;
  readonly secret: string | undefined;
  readonly repeats: Repeats;
  readonly webhook: Webhook;
}

export function createAlerts({ logger, rules, count }: AlertsOptions): Alerts {
  let sinks: readonly Sink[] = [];
  const limit = createAlertLimit((policy, lost) => {
    count("limited", lost);
    logger.warn({ policy, count: lost }, "alerts of a policy are lost: it raises more than 20 a minute");
  });

  function raise(alert: Alert | undefined): void {
    if (alert === undefined) return;
    for (const { config, repeats } of sinks) if (config.events.includes(alert.event)) repeats.add(alert);
  }

  function open(config: AlertSinkConfig, secret: string | undefined): Sink {
    const { host } = new URL(config.webhook);
    const webhook = createWebhook({
      url: config.webhook,
      headers: config.headers,
      secret,
      timeoutMs: config.timeoutMs,
      count: (outcome) => count(outcome, 1),
      onState(problem) {
        if (problem === undefined) logger.info(`alerts are taken again by ${host}`);
        else logger.warn(`alerts are not taken by ${host}: ${problem}`);
      },
    });
    const repeats = new Repeats({
      everyMs: config.everyMs,
      tell(counted) {
        const id = randomUUID();
        webhook.add({
          id,
          body: JSON.stringify(payloadOf(id, counted, rules)),
          isOfPolicy: isOfPolicy(counted.alert),
        });
      },
      onOverflow: () => count("dropped", 1),
    });
    return { config, secret, repeats, webhook };
  }

  return {
    raise,
    observe(event) {
      if (event.type === "policy-alerts-lost") return count("limited", event.count);
      if (sinks.length === 0 || (event.type === "policy-alert" && !limit.pass(event.policy))) return;
      raise(alertOfEvent(event));
    },
    update(configs, secrets) {
      const left = [...sinks];
      const next = configs.map((config) => {
        const secret = config.secret === undefined ? undefined : secrets[config.secret];
        const same = left.findIndex(
          (sink) => sink.secret === secret && isDeepStrictEqual(sink.config, config),
        );
        return left.splice(same, same === -1 ? 0 : 1)[0] ?? open(config, secret);
      });
      sinks = next;
      for (const sink of left) void closeSink(sink);
    },
    async close() {
      await Promise.all(sinks.map(closeSink));
    },
  };
}

async function closeSink({ repeats, webhook }: Sink): Promise<void> {
  repeats.close();
  await webhook.close();
}

/** What is sent: docs/operations.md describes it. Secrets are hidden as in the log. */
function payloadOf(id: string, { alert, count, since, time }: CountedAlert, rules: RedactionRules): object {
  const { event, summary, subject, details } = alert;
  return {
    version: 1,
    id,
    event,
    severity: SEVERITY_OF[event],
    time: new Date(time).toISOString(),
    host: hostname(),
    summary: rules.redactText(summary),
    subject: redactFields(subject, rules),
    details: redactFields(details, rules),
    count,
    since: new Date(since).toISOString(),
  };
}
