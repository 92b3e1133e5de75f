import { type ConfigProblem, invalidConfig } from "../config/errors.ts";
import { type ConfigInput, type GatewayConfig, resolveConfig } from "../config/index.ts";
import { type EntranceRules, rulesOf } from "../listen/entrance.ts";

/** A config without `listen` and `workers`, which say nothing here. */
export type AttachedConfigInput = Omit<ConfigInput, "listen" | "workers">;

export interface AttachedConfig {
  readonly config: GatewayConfig;
  /** What holds of requests on routes that do not say it themselves. */
  readonly rules: EntranceRules;
}

/**
 * What a config is for a gateway whose clients come by a server that is there already. There is no console unless one is
 * asked for.
 *
 * @param input relative to the working directory, or one that is resolved already: its listeners are not opened
 * @throws ConfigError
 */
export function resolveAttached(input: AttachedConfigInput | GatewayConfig): AttachedConfig {
  const resolved = "policiesDir" in input ? input : resolveInput(input);
  const [listener] = resolved.listen;
  return { config: { ...resolved, listen: [], workers: 0 }, rules: rulesOf(listener!) };
}

function resolveInput(input: AttachedConfigInput): GatewayConfig {
  const problems: readonly ConfigProblem[] = ["listen", "workers"]
    .filter((option) => option in input)
    .map((path) => ({
      path,
      message:
        "expected nothing: clients come by the server that the gateway is attached to, and sessions are in its process; leave it out",
    }));
  if (problems.length > 0) throw invalidConfig("the config of an attached gateway", problems);
  // Whatever its port: it is never bound, and no server of a route is taken for it.
  const whole = { console: false, ...input, listen: [{ port: 0 }], workers: 0 };
  return resolveConfig(whole, { dir: process.cwd() });
}
