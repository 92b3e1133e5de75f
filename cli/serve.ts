import type { GatewayConfig, VersionInput } from "../core/config/index.ts";
import { createFileWatch } from "../core/file-watch.ts";
import { createGateway, type Gateway } from "../core/index.ts";
import { createLogger, type Logger } from "../core/log.ts";
import { compileRedaction } from "../core/redaction/rules.ts";
import { tokenFragment } from "./console-token.ts";
import { createEditNotice } from "./edit-notice.ts";
import type { GatewayFlags } from "./gateway-options.ts";
import { startDebugging } from "./inspector/debugging.ts";
import { tellServiceManager } from "./service-manager.ts";
import { listenForStop } from "./stop-signals.ts";
import { describeGateway } from "./welcome.ts";

/** What is to be run, and what it is run with. */
export interface GatewayRun {
  readonly command: "start" | "dev";
  readonly options: GatewayFlags;
  /** What `load` gave first. */
  readonly config: GatewayConfig;
  /** @param version what a version of the source says, in place of what the one on disk does */
  load(options: GatewayFlags, version?: VersionInput): Promise<GatewayConfig>;
  /** For the console, where the config has none. */
  readonly token: string;
  /** Its server is one that sends every message back. */
  readonly isEcho: boolean;
}

/** Runs a gateway until a signal ends it. */
export async function serveGateway(run: GatewayRun): Promise<void> {
  const { command, options, config, token, isEcho } = run;
  // The file that was found, also while it is not there: what stands in for a missing one would take its place.
  const found = config.file === undefined ? options : { ...options, config: config.file };
  const logger = createLogger({
    level: config.log.level,
    pretty: command === "dev",
    rules: compileRedaction(config.redact),
  });
  const debugging = await startDebugging(options);
  const gateway = await createGateway(config, {
    logger,
    newSandbox: debugging?.newSandbox,
    withVersion: (version) => run.load(found, version),
    rollout: command === "start" || options.rollout === true,
    ownsProcess: true,
  });
  const stopRequested = listenForStop(logger);
  const starting = gateway.start().then(() => "ready" as const);
  const hasStarted = starting.then(
    () => true,
    () => false,
  );
  const edits = createEditNotice(config.file, logger);
  // What comes while it starts is taken when it has.
  const reloadNow = inTurn(async () => {
    if (!(await hasStarted)) return;
    await edits.taken();
    await reload(gateway, () => run.load(found), logger);
  });
  process.on("SIGHUP", reloadNow);
  if (config.file !== undefined) {
    const takesEdits = config.watchConfig ?? command === "dev";
    createFileWatch(takesEdits ? reloadNow : inTurn(edits.tell)).follow([config.file]);
  }
  const isReady = (await Promise.race([starting, stopRequested])) === "ready";
  if (isReady) void tellServiceManager("READY=1");
  if (isReady && command === "dev") {
    const { addresses } = gateway;
    const asksRequests = gateway
      .policies()
      .some(({ current }) => current?.exports.hooks.includes("upgrade") === true);
    process.stdout.write(
      describeGateway({ addresses, config, isEcho, asksRequests, fragment: tokenFragment(config, token) }),
    );
    if (debugging) process.stdout.write(debugging.describe(gateway.policies().map(({ name }) => name)));
  }
  const signal = await stopRequested;
  logger.info({ signal }, "told to stop; a second signal stops at once");
  await Promise.all([tellServiceManager("STOPPING=1"), gateway.stop()]);
  await debugging?.close();
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
