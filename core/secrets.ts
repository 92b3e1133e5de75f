import {
  type ConfigProblem,
  type GatewayConfig,
  invalidConfig,
  problemOfSigningKey,
  readSecret,
} from "./config/index.ts";
import type { SecretValues } from "./redaction/secret-values.ts";

/** @throws ConfigError that lists every secret without a value, or with one that alerts cannot be signed with, and never a value */
export function readSecrets({ file, alerts, capabilities: { secrets } }: GatewayConfig): SecretValues {
  const values: Record<string, string> = Object.create(null);
  const problems: ConfigProblem[] = [];
  for (const [name, source] of Object.entries(secrets)) {
    try {
      values[name] = readSecret(source);
    } catch (error) {
      problems.push({ path: `secrets.${name}`, message: (error as Error).message });
    }
  }
  for (const name of new Set(alerts.map(({ secret }) => secret))) {
    const message = name === undefined ? undefined : problemOfSigningKey(values[name] ?? "");
    if (message !== undefined) problems.push({ path: `secrets.${name}`, message });
  }
  if (problems.length > 0) throw invalidConfig(file ?? "the config", problems);
  return { ...values };
}
