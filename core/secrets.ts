import { readFileSync } from "node:fs";
import type { SandboxEvent } from "../sandbox/contract.ts";
import { type ConfigProblem, type GatewayConfig, invalidConfig } from "./config/index.ts";
import { REDACTED } from "./redaction/spans.ts";

/** Values by name, as the environment and the files have them now. Only here, and where a broker needs them. */
export type SecretValues = Readonly<Record<string, string>>;

const MAX_BYTES = 65_536;
/** Shorter ones would blot out half of every line. */
const MIN_HIDDEN = 6;

/** @throws ConfigError that lists every secret without a value, and never a value */
export function readSecrets({ file, capabilities: { secrets } }: GatewayConfig): SecretValues {
  const values: Record<string, string> = Object.create(null);
  const problems: ConfigProblem[] = [];
  for (const [name, source] of Object.entries(secrets)) {
    try {
      values[name] = "env" in source ? readVariable(source.env) : readValue(source.file);
    } catch (error) {
      problems.push({ path: `secrets.${name}`, message: (error as Error).message });
    }
  }
  if (problems.length > 0) throw invalidConfig(file ?? "the config", problems);
  return { ...values };
}

/** What `redact.patterns` has to hold so that no value is ever logged or shown. */
export function hidingPatterns(values: SecretValues): { pattern: string; flags: string }[] {
  return Object.values(values)
    .filter((value) => value.length >= MIN_HIDDEN)
    .sort((a, b) => b.length - a.length)
    .map((value) => ({ pattern: value.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), flags: "" }));
}

/** What a policy says, without the values that it may have read. */
export function hideValues(event: SandboxEvent, values: SecretValues): SandboxEvent {
  const hide = (text: string) => {
    let hidden = text;
    for (const value of Object.values(values)) {
      if (value.length >= MIN_HIDDEN) hidden = hidden.replaceAll(value, REDACTED);
    }
    return hidden;
  };
  if (event.type === "log") return { ...event, line: { ...event.line, text: hide(event.line.text) } };
  if (event.type !== "fault") return event;
  const { fault } = event;
  return { ...event, fault: { ...fault, message: hide(fault.message), stack: hide(fault.stack) } };
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
