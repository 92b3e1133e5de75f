import type { VersionInput } from "../core/config/index.ts";
import { dismissAhead } from "../core/workers/fork-process.ts";
import { findJail } from "../sandbox/client/jail/jail.ts";
import { makeConsoleToken, withConsoleToken } from "./console-token.ts";
import { type GatewayFlags, loadConfig } from "./gateway-options.ts";

/** Runs until a signal ends it. The gateway's code is loaded while what only the config had to say is under way. */
export async function runGateway(command: "start" | "dev", options: GatewayFlags): Promise<void> {
  const echo = options.echo === undefined ? undefined : await startEcho();
  const overriddenRoute = typeof options.echo === "string" ? options.echo : undefined;
  try {
    const isDev = command === "dev";
    const override = { upstreamOverride: echo?.url, overriddenRoute };
    // One is there sooner, and enough for who tries things out.
    const workers = isDev ? { workersByDefault: 1 } : {};
    const defaults = { ...override, ...workers, recordByDefault: isDev, trustsLoopbackPages: isDev };
    const token = makeConsoleToken();
    // Who starts it for others gives it a token that they know too.
    const load = async (flags: GatewayFlags, version?: VersionInput) => {
      const loaded = await loadConfig(flags, { ...defaults, ...(version && { version }) });
      return command === "dev" ? withConsoleToken(loaded, token) : loaded;
    };
    const config = await load(options);
    if (config.workers === 0) dismissAhead();
    // Tried once a process: the gateway is told what came of it.
    findJail(config.sandbox.host.os).catch(() => {});
    const { serveGateway } = await import("./serve.ts");
    await serveGateway({ command, options, config, load, token });
  } finally {
    await echo?.close();
  }
  // Nothing is left to do; whatever still holds the event loop must not hold the process.
  process.exit(0);
}

async function startEcho() {
  const { startEchoServer } = await import("./echo-server.ts");
  return startEchoServer();
}
