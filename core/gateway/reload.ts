import { findRestartChanges, type GatewayConfig } from "../config/index.ts";
import type { Logger } from "../log.ts";
import { readSecrets } from "../secrets.ts";
import type { Current } from "./current.ts";
import type { Listening } from "./listening.ts";

/**
 * Takes what of a new config can change while the gateway runs, and says what cannot. The routes are those of the next
 * plan: `announce` when every worker has it. Rejects when a secret has no value or a listener cannot be had: everything is as it was then.
 */
export async function takeConfig(
  newest: GatewayConfig,
  { current, listening, logger }: { current: Current; listening: Listening; logger: Logger },
): Promise<{ announce(): void }> {
  const secrets = readSecrets(newest);
  await listening.change(newest.listen);
  const waiting = findRestartChanges(current.config, newest);
  if (waiting.length > 0) logger.warn(`a change of ${waiting.join(", ")} takes effect at the next start`);
  current.takeConfig(newest, secrets);
  const routes = newest.routes.map(({ name }) => name);
  return { announce: () => logger.info({ listen: listening.addresses(), routes }, "config reloaded") };
}
