import { dismissAhead } from "../core/cluster/fork-process.ts";
import type { GatewayConfig } from "../core/config/index.ts";
import { createFileWatch } from "../core/file-watch.ts";
import { createGateway, type Gateway } from "../core/index.ts";
import { createLogger, type Logger } from "../core/log.ts";
import { compileRedaction } from "../core/redaction/rules.ts";
import { makeConsoleToken, tokenFragment, withConsoleToken } from "./console-token.ts";
import { startEchoServer } from "./echo-server.ts";
import { type GatewayFlags, loadConfig } from "./gateway-options.ts";
import { startDebugging } from "./inspector/debugging.ts";
import { listenForStop } from "./stop-signals.ts";
import { describeGateway } from "./welcome.ts";

/** Runs until a signal ends it. */
export async function runGateway(command: "start" | "dev", options: GatewayFlags): Promise<void> {
  const echo = options.echo === true ? await startEchoServer() : undefined;
  try {
    const defaults = { upstreamOverride: echo?.url, recordByDefault: command === "dev" };
    const token = makeConsoleToken();
    // Who starts it for others gives it a token that they know too.
    const load = async (flags: GatewayFlags) => {
      const loaded = await loadConfig(flags, defaults);
      return command === "dev" ? withConsoleToken(loaded, token) : loaded;
    };
    const config = await load(options);
    if (config.workers === 0) dismissAhead();
    // The file that was found, also while it is not there: what stands in for a missing one would take its place.
    const found = config.file === undefined ? options : { ...options, config: config.file };
    const logger = createLogger({
      level: config.log.level,
      pretty: command === "dev",
      rules: compileRedaction(config.redact),
    });
    const debugging = await startDebugging(options);
    const gateway = await createGateway(config, { logger, newSandbox: debugging?.newSandbox });
    const stopRequested = listenForStop(logger);
    const starting = gateway.start().then(() => "ready" as const);
    const hasStarted = starting.then(
      () => true,
      () => false,
    );
    // What comes while it starts is taken when it has.
    const reloadNow = inTurn(async () => {
      if (await hasStarted) await reload(gateway, () => load(found), logger);
    });
    process.on("SIGHUP", reloadNow);
    if (config.file !== undefined && (config.watchConfig ?? command === "dev")) {
      createFileWatch(reloadNow).follow([config.file]);
    }
    const isReady = (await Promise.race([starting, stopRequested])) === "ready";
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
