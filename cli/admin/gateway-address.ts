import { readToken } from "../../core/admin/access/tokens.ts";
import {
  ConfigError,
  type ConsoleConfig,
  findConfigFile,
  type GatewayConfig,
  loadConfigFile,
} from "../../core/config/index.ts";
import { formatAddress } from "../../core/net/address.ts";
import { CliError } from "../errors.ts";

/** What the commands have in common that ask a running gateway. */
export interface AdminFlags {
  readonly gateway?: string;
  readonly token?: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** Where a gateway's console is, and what lets in there. */
export interface GatewayAddress {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string | undefined;
}

/** Where the console is that no config says anything of. */
const USUAL_URL = "http://127.0.0.1:9090";

/**
 * The gateway that is meant: the one that is named, or that of the config file, or the one at the usual address. What a
 * config has as its token is for the console of that config, and for no other.
 */
export async function findGateway(flags: AdminFlags): Promise<GatewayAddress> {
  const token = flags.token ?? process.env.FRAMEGATE_TOKEN;
  if (flags.gateway !== undefined) return { url: readUrl(flags.gateway), token };
  const config = await findConfig(flags.config);
  if (config === undefined) return { url: USUAL_URL, token };
  const { console, file } = config;
  if (console === false) throw noConsole(`${file} says console: false`);
  if (console.port === 0) throw noConsole(`${file} lets the system choose the console's port`);
  return { url: urlOf(console), token: token ?? (await tokenOf(console, file)) };
}

function readUrl(text: string): string {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.pathname === "/" && url.username === "")
    return url.origin;
  const message = `Expected --gateway to be the address of a console such as ${USUAL_URL}, got "${text}".`;
  throw new CliError("ERR_CLI_USAGE", message);
}

async function findConfig(named: string | undefined): Promise<GatewayConfig | undefined> {
  if (named !== undefined) return loadConfigFile(named, { secretsStandIn: true });
  const file = await findConfigFile(process.cwd()).catch((error: unknown) => {
    if (error instanceof ConfigError && error.code === "ERR_CONFIG_NOT_FOUND") return undefined;
    throw error;
  });
  return file === undefined ? undefined : loadConfigFile(file, { secretsStandIn: true });
}

/** One that listens on all addresses is here as well. */
function urlOf({ host, port, tls }: ConsoleConfig): string {
  const here = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return `${tls === undefined ? "http" : "https"}://${formatAddress({ host: here, port })}`;
}

async function tokenOf({ token }: ConsoleConfig, file: string | undefined): Promise<string | undefined> {
  return token && readToken(token, "console.token", file);
}

function noConsole(why: string): CliError {
  return new CliError("ERR_CLI_USAGE", `${why}: name the gateway's console with --gateway URL.`);
}
