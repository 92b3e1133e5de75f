import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ExecutionContext } from "ava";
import type { ConfigInput, GatewayAddresses } from "../../../core/index.ts";
import { type Running, startCli } from "../../cli/process.ts";
import { PATIENT } from "./limits.ts";

export interface GatewayProcess extends Running {
  readonly pid: number;
  /** ws://127.0.0.1:PORT */
  readonly url: string;
  readonly consolePort: number;
  /** The text that the console has under this path. */
  read(path: string): Promise<{ readonly status: number; readonly text: string }>;
}

export interface GatewayProcessOptions {
  /** File name → TypeScript. */
  readonly policies?: Readonly<Record<string, string>>;
  readonly config: ConfigInput;
}

/** `framegate start` in a process of its own, for what a test cannot do in its own: workers, signals, exit codes. */
export async function startGatewayProcess(
  t: Pick<ExecutionContext, "teardown">,
  { policies = {}, config }: GatewayProcessOptions,
): Promise<GatewayProcess> {
  const root = await writeConfig(t, config);
  for (const [name, source] of Object.entries(policies)) {
    const file = join(root, "policies", name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, source);
  }
  const running = startCli(t, ["start"], root);
  const [line] = await running.output(/^\{.*"gateway ready".*\}$/m);
  const { listen, console } = JSON.parse(line) as GatewayAddresses;
  return {
    ...running,
    pid: running.process.pid!,
    url: `ws://127.0.0.1:${listen[0]?.port}`,
    consolePort: console!.port,
    async read(path) {
      const response = await fetch(`http://127.0.0.1:${console?.port}${path}`);
      return { status: response.status, text: await response.text() };
    },
  };
}

/** A folder with a config file: all ports free ones unless it says otherwise. */
export async function writeConfig(
  t: Pick<ExecutionContext, "teardown">,
  config: ConfigInput,
): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "framegate-"));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const whole = {
    listen: [{ port: 0 }],
    console: { port: 0, token: false },
    ...config,
    sandbox: { ...PATIENT, ...(config.sandbox ?? { warmSpare: false }) },
  };
  await writeFile(join(root, "framegate.config.json"), JSON.stringify(whole));
  return root;
}
