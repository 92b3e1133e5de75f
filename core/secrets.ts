import { readFileSync } from "node:fs";
import {
  type ConfigProblem,
  type GatewayConfig,
  invalidConfig,
  problemOfSigningKey,
  type SecretSource,
} from "./config/index.ts";
import type { SecretValues } from "./redaction/secret-values.ts";

const MAX_BYTES = 65_536;

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

/** @throws Error that says where the value was expected */
export function readSecret(source: SecretSource): string {
  return "env" in source ? readVariable(source.env) : readValue(source.file);
}

function readVariable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") {
    throw new Error(`expected the environment variable ${name} to hold the value, and it is not set`);
  }
  return value;
}

function readValue(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`expected the value in ${file}: ${(error as NodeJS.ErrnoException).code}`);
  }
  if (text.length > MAX_BYTES) throw new Error(`expected at most ${MAX_BYTES} bytes in ${file}`);
  const value = text.replace(/\r?\n$/, "");
  if (value === "") throw new Error(`expected the value in ${file}, and it is empty`);
  return value;
}
