import { CliError } from "../errors.ts";
import { findGateway } from "./gateway-address.ts";

export interface HealthFlags {
  readonly gateway?: string;
  readonly config?: string;
  readonly ready?: boolean;
}

/** A gateway that is well answers at once: what asks for its health does so every few seconds. */
const PATIENCE_MS = 5000;

/** Prints what a running gateway says of itself. Rejects with a CliError (`ERR_CLI_GATEWAY`) when it is not well. */
export async function askHealth(flags: HealthFlags): Promise<void> {
  const { url } = await findGateway(flags);
  const address = `${url}/${flags.ready ? "readyz" : "healthz"}`;
  const { status, text } = await ask(address);
  if (status !== 200) throw unwell(`${address} says ${status}: ${text}`);
  process.stdout.write(`${text}\n`);
}

async function ask(address: string): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await fetch(address, { redirect: "manual", signal });
    return { status: response.status, text: (await response.text()).trim() };
  } catch (error) {
    const { cause, message } = error as Error;
    const why = cause instanceof Error ? cause.message : message;
    throw unwell(`Nobody answers at ${address} (${why}): name the gateway's console with --gateway URL.`);
  }
}

function unwell(message: string): CliError {
  return new CliError("ERR_CLI_GATEWAY", message);
}
