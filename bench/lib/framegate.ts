import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ConfigInput } from "../../core/index.ts";
import { type GatewayFolder, makeGatewayFolder } from "./gateway-folder.ts";

/** `framegate start`, as an operator runs it. */
export interface Framegate {
  readonly pid: number;
  readonly port: number;
  /** What it logged last, for whoever asks why. */
  readonly lastLines: readonly string[];
  readonly save: GatewayFolder["save"];
  /** SIGTERM, and SIGKILL when that takes longer than a drain may. @returns the exit code; null: it had to be killed */
  stop(): Promise<number | null>;
}

const main = fileURLToPath(new URL("../../cli/main.ts", import.meta.url));
const LINES_KEPT = 400;
const STOP_MS = 30_000;

export async function startFramegate(
  policies: Readonly<Record<string, string>>,
  config: Omit<ConfigInput, "policies">,
): Promise<Framegate> {
  const folder = await makeGatewayFolder(policies, { listen: [{ host: "127.0.0.1", port: 0 }], ...config });
  const child = spawn(process.execPath, ["--no-warnings", main, "start"], {
    cwd: folder.path,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  const ready = Promise.withResolvers<number>();
  let rest = "";
  const read = (chunk: Buffer): void => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    lines.splice(0, Math.max(0, lines.length - LINES_KEPT));
    const line = parts.find((part) => part.includes('"gateway ready"'));
    if (line !== undefined)
      ready.resolve((JSON.parse(line) as { listen: [{ port: number }] }).listen[0].port);
  };
  child.stdout.on("data", read);
  child.stderr.on("data", read);
  child.once("exit", (code) =>
    ready.reject(new Error(`the gateway ended with ${code}:\n${lines.join("\n")}`)),
  );
  const port = await ready.promise;

  return {
    pid: child.pid as number,
    port,
    lastLines: lines,
    save: folder.save,
    async stop() {
      const ended = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
      child.kill("SIGTERM");
      const patience = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(patience);
      await folder.remove();
      return child.exitCode;
    },
  };
}
