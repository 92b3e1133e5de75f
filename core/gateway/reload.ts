import { isDeepStrictEqual } from "node:util";
import type { Alerts } from "../alerts/alerts.ts";
import { findRestartChanges, type GatewayConfig, type RedactConfig } from "../config/index.ts";
import type { Logger } from "../log.ts";
import { secretsInUrl } from "../net/shown-url.ts";
import type { LiveRules } from "../redaction/live-rules.ts";
import type { RedactionRules } from "../redaction/rules.ts";
import type { HiddenValues, SecretValues } from "../redaction/secret-values.ts";
import { readSecrets } from "../secrets.ts";
import type { Sinks } from "../sinks/sinks.ts";
import type { Traffic } from "../traffic/traffic.ts";
import type { Current } from "./current.ts";
import type { Listening } from "./listening/listening.ts";
import type { Wording } from "./news/wording.ts";

/** What goes by the config. */
export interface ConfiguredParts {
  readonly current: Current;
  readonly listening: Listening;
  readonly traffic: Pick<Traffic, "prepare">;
  readonly rules: LiveRules;
  readonly hidden: HiddenValues;
  readonly alerts: Pick<Alerts, "update">;
  readonly sinks: Pick<Sinks, "update">;
  readonly logger: Logger;
  readonly wording: Pick<Wording, "step">;
}

/**
 * Takes what of a new config can change while the gateway runs, and says what cannot. The routes are those of the next
 * plan: `announce` when every worker has it. Rejects when a secret has no value, or a listener or a file cannot be had:
 * everything is as it was then.
 */
export async function takeConfig(
  newest: GatewayConfig,
  { current, listening, traffic, rules, hidden, alerts, sinks, logger, wording }: ConfiguredParts,
): Promise<{ announce(): void }> {
  const secrets = readSecrets(newest);
  const kept = traffic.prepare(newest.traffic);
  await listening.change(newest.listen).catch((error: unknown) => {
    kept.discard();
    throw error;
  });
  // Before anything is kept or logged by what else is new.
  rules.replace(redactionOf(newest, secrets, hidden));
  adjust(logger, current.config, newest, rules);
  kept.commit();
  const waiting = findRestartChanges(current.config, newest);
  if (waiting.length > 0) logger.warn(`a change of ${waiting.join(", ")} takes effect at the next start`);
  current.takeConfig(newest, secrets);
  alerts.update(newest.alerts, secrets);
  sinks.update(newest.sinks);
  const routes = newest.routes.map(({ name }) => name);
  const announce = () =>
    wording.step(logger, { type: "config-taken", listen: listening.addresses(), routes });
  return { announce };
}

/** What an embedding program has made otherwise stays, as long as the config says what it said. */
function adjust(logger: Logger, running: GatewayConfig, newest: GatewayConfig, rules: RedactionRules): void {
  if (newest.log.level !== running.log.level) logger.change({ level: newest.log.level });
  if (!isDeepStrictEqual(newest.redact, running.redact)) logger.change({ rules });
}

/** What the config hides, and the secrets' values wherever they turn up. */
export function redactionOf(
  { redact, secretTexts }: GatewayConfig,
  secrets: SecretValues,
  hidden: HiddenValues,
): RedactConfig {
  const values = hidden.patternsWith({ ...secrets, ...secretTexts, ...partsOf(secretTexts) });
  return { ...redact, patterns: [...redact.patterns, ...values] };
}

/** What is told of a server may be a part of its URL. */
function partsOf(texts: SecretValues): SecretValues {
  const found = Object.entries(texts).flatMap(([place, text]) =>
    secretsInUrl(text).map((part, index) => [`${place}:${index}`, part]),
  );
  return Object.fromEntries(found);
}
