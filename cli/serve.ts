import type { GatewayConfig, VersionInput } from "../core/config/index.ts";
import { createFileWatch } from "../core/file-watch.ts";
import { createGateway, type Gateway } from "../core/index.ts";
import { createLogger, type Logger } from "../core/log.ts";
import { compileRedaction } from "../core/redaction/rules.ts";
import { createEditNotice } from "./edit-notice.ts";
import { keepEditorTypes } from "./editor-types.ts";
import type { GatewayFlags } from "./gateway-options.ts";
import { startDebugging } from "./inspector/debugging.ts";
import { tellServiceManager } from "./service-manager.ts";
import { listenForStop } from "./stop-signals.ts";
import { greet } from "./terminal/greeting.ts";
import { createTerminal } from "./terminal/terminal.ts";

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
}

/** Runs a gateway until a signal ends it. */
export async function serveGateway(run: GatewayRun): Promise<void> {
  const { command, options, config, token } = run;
  // The file that was found, also while it is not there: what stands in for a missing one would take its place.
  const found = config.file === undefined ? options : { ...options, config: config.file };
  const terminal = command === "dev" ? createTerminal(config) : undefined;
  const logger =
    terminal?.logger ?? createLogger({ level: config.log.level, rules: compileRedaction(config.redact) });
  const debugging = await startDebugging(options);
  const gateway = await createGateway(config, {
    logger,
    wording: terminal && keepEditorTypes(terminal.wording, config),
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
    await reload(gateway, () => run.load(found), terminal?.wording.configRefused ?? refuseConfig, logger);
  });
  process.on("SIGHUP", reloadNow);
  if (config.file !== undefined) {
    const takesEdits = config.watchConfig ?? command === "dev";
    createFileWatch(takesEdits ? reloadNow : inTurn(edits.tell)).follow([config.file]);
  }
  const isReady = (await Promise.race([starting, stopRequested])) === "ready";
  if (isReady) void tellServiceManager("READY=1");
  const keyboard =
    isReady && terminal
      ? greet(terminal, { ...{ gateway, config, options, debugging, reload: reloadNow }, token })
      : undefined;
  const signal = await stopRequested;
  if (terminal) logger.info("stopping; Ctrl-C once more stops at once");
  else logger.info({ signal }, "told to stop; a second signal stops at once");
  await Promise.all([tellServiceManager("STOPPING=1"), gateway.stop()]);
  keyboard?.close();
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
async function reload(
  gateway: Gateway,
  load: () => Promise<GatewayConfig>,
  onRefused: (logger: Logger, message: string) => void,
  logger: Logger,
): Promise<void> {
  try {
    await gateway.reload(await load());
  } catch (error) {
    onRefused(logger, (error as Error).message);
  }
}

function refuseConfig(logger: Logger, message: string): void {
  logger.error(`reload failed, the running config stays:\n${message}`);
}
