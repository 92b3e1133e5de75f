import { readFileSync } from "node:fs";
import type { SecretSource } from "../options/secret-source.ts";

const MAX_BYTES = 65_536;

/** @throws Error that says where the value was expected, and never a value */
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
