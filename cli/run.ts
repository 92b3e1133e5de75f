import type { GatewayConfig } from "../core/config/index.ts";
import { createFileWatch } from "../core/file-watch.ts";
import { createGateway, type Gateway } from "../core/index.ts";
import { createLogger, type Logger } from "../core/log.ts";
import { compileRedaction } from "../core/redaction/rules.ts";
import { makeConsoleToken, tokenFragment, withConsoleToken } from "./console-token.ts";
import { startEchoServer } from "./echo-server.ts";
import { type GatewayFlags, loadConfig } from "./gateway-options.ts";
import { startDebugging } from "./inspector/debugging.ts";
import { describeGateway } from "./welcome.ts";

/** Runs until a signal ends it. */
export async function runGateway(command: "start" | "dev", options: GatewayFlags): Promise<void> {
  const echo = options.echo === true ? await startEchoServer() : undefined;
  try {
    const defaults = { upstreamOverride: echo?.url, recordByDefault: command === "dev" };
    const token = makeConsoleToken();
    // Who starts it for others gives it a token that they know too.
    const load = async () => {
      const loaded = await loadConfig(options, defaults);
      return command === "dev" ? withConsoleToken(loaded, token) : loaded;
    };
    const config = await load();
    const logger = createLogger({
      level: config.log.level,
      pretty: command === "dev",
      rules: compileRedaction(config.redact),
    });
    const debugging = await startDebugging(options);
    const gateway = await createGateway(config, { logger, newSandbox: debugging?.newSandbox });
    const reloadNow = inTurn(() => reload(gateway, load, logger));
    const stopRequested = listenForSignals(logger, reloadNow);
    const starting = gateway.start().then(() => "ready" as const);
    const isReady = (await Promise.race([starting, stopRequested])) === "ready";
    if (isReady && config.file !== undefined && (config.watchConfig ?? command === "dev")) {
      createFileWatch(reloadNow).follow([config.file]);
    }
    if (isReady && command === "dev") {
      const { addresses } = gateway;
      process.stdout.write(
        describeGateway({
          addresses,
          config,
          isEcho: echo !== undefined,
          fragment: tokenFragment(config, token),
        }),
      );
      if (debugging) process.stdout.write(debugging.describe(gateway.policies().map(({ name }) => name)));
    }
    const signal = await stopRequested;
    logger.info({ signal }, "told to stop; a second signal stops at once");
    await gateway.stop();
    await debugging?.close();
  } finally {
    await echo?.close();
  }
  // Nothing is left to do; whatever still holds the event loop must not hold the process.
  process.exit(0);
}

/** Resolves with the first signal to stop; the next one ends the process, with the exit code a shell expects. */
function listenForSignals(logger: Logger, reloadNow: () => void): Promise<NodeJS.Signals> {
  const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
  process.on("SIGHUP", reloadNow);
  return new Promise((resolve) => {
    let isStopping = false;
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        if (isStopping) {
          logger.warn({ signal }, "stopped at once, open sessions are cut off");
          process.exit(exitCodes[signal]);
        }
        isStopping = true;
        resolve(signal);
      });
    }
  });
}

/** One at a time: an earlier config must not end up over a later one. */
function inTurn(task: () => Promise<void>): () => void {
  let last = Promise.resolve();
  return () => {
    last = last.then(task);
  };
}

/** A config that cannot be used leaves the running one in place. */
async function reload(gateway: Gateway, load: () => Promise<GatewayConfig>, logger: Logger): Promise<void> {
  try {
    await gateway.reload(await load());
  } catch (error) {
    logger.error(`reload failed, the running config stays:\n${(error as Error).message}`);
  }
}
