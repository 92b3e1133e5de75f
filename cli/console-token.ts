import { randomBytes } from "node:crypto";
import type { GatewayConfig } from "../core/config/index.ts";

/** A token that lives as long as the process: for who starts a gateway at a terminal and has no wish to choose one. */
export function makeConsoleToken(): string {
  return randomBytes(24).toString("base64url");
}

/** @returns the config with this token, where its console asks for one that the config does not give */
export function withConsoleToken(config: GatewayConfig, token: string): GatewayConfig {
  const { console } = config;
  if (console === false || console.isOpen || console.token !== undefined) return config;
  return { ...config, console: { ...console, token: { value: token } } };
}

/**
 * What the address of the console's page has behind it to log in. A fragment is sent to no server and so stands in no
 * log; the page takes it out of the address bar.
 */
export function tokenFragment({ console }: GatewayConfig, token: string): string {
  const isOurs =
    console !== false &&
    console.token !== undefined &&
    "value" in console.token &&
    console.token.value === token;
  return isOurs ? `#token=${token}` : "";
}
