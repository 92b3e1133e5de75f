import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ExecutionContext } from "ava";
import {
  type ConfigInput,
  createGateway,
  createLogger,
  type Gateway,
  type GatewayOptions,
} from "../../../core/index.ts";
import { at } from "../at.ts";
import { PATIENT } from "./limits.ts";
import { sharedProbe } from "./shared-probe.ts";

export interface TestGateway {
  readonly gateway: Gateway;
  readonly port: number;
  /** ws://127.0.0.1:PORT */
  readonly url: string;
  /** The policy folder. */
  readonly dir: string;
  /** Log records so far. */
  readonly log: readonly LogRecord[];
  /** Settles with the first record, past or to come, that fits. */
  logged(fits: (record: LogRecord) => boolean): Promise<LogRecord>;
  /** Write a policy file, below the folder. */
  write(name: string, source: string): Promise<void>;
  stop(): Promise<void>;
}

export type LogRecord = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string };

export interface TestGatewayOptions {
  /** File name → TypeScript. */
  readonly policies?: Readonly<Record<string, string>>;
  readonly routes: ConfigInput["routes"];
  readonly config?: Partial<ConfigInput>;
  /** Default: the sandbox. */
  readonly newSandbox?: GatewayOptions["newSandbox"];
}

/** A real gateway on a free port with a policy folder of its own, its sessions in this process; stopped with the test. */
export async function startGateway(
  t: Pick<ExecutionContext, "teardown">,
  options: TestGatewayOptions,
): Promise<TestGateway> {
  const root = await mkdtemp(join(tmpdir(), "framegate-"));
  const dir = join(root, "policies");
  for (const [name, source] of Object.entries(options.policies ?? {})) await writePolicy(name, source);

  const log: LogRecord[] = [];
  const waiting = new Set<(record: LogRecord) => void>();
  const logger = createLogger({
    level: "debug",
    destination: {
      write(line: string) {
        const record = JSON.parse(line) as LogRecord;
        log.push(record);
        for (const look of waiting) look(record);
      },
    },
  });
  const gateway = await createGateway(
    {
      listen: [{ host: "127.0.0.1", port: 0 }],
      console: false,
      workers: 0,
      policies: dir,
      drain: { timeout: "2s" },
      routes: options.routes,
      ...options.config,
      // What walls hosts in takes a process more for each, and has tests of its own; gateways that are processes have it.
      sandbox: { ...PATIENT, ...(options.config?.sandbox ?? { warmSpare: false, os: "off" }) },
    },
    {
      logger,
      ...(options.newSandbox && { newSandbox: options.newSandbox }),
      // Other limits hold at a load, too.
      ...(options.config?.sandbox === undefined && { probe: sharedProbe }),
    },
  );
  t.teardown(async () => {
    await gateway.stop();
    await rm(root, { recursive: true, force: true });
  });
  await gateway.start();
  const { port } = at(gateway.addresses.listen, 0);

  return {
    gateway,
    port,
    url: `ws://127.0.0.1:${port}`,
    dir,
    log,
    logged(fits) {
      const past = log.find(fits);
      if (past !== undefined) return Promise.resolve(past);
      return new Promise((resolve) => {
        const look = (record: LogRecord): void => {
          if (!fits(record)) return;
          waiting.delete(look);
          resolve(record);
        };
        waiting.add(look);
      });
    },
    write: writePolicy,
    stop: () => gateway.stop(),
  };

  async function writePolicy(name: string, source: string): Promise<void> {
    const file = join(dir, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, source);
  }
}
