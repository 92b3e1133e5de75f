import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { connect, createServer } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { RunningPeer } from "./peer.ts";

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly port: number;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** After it has ended. */
  cleanUp?(): Promise<void>;
}

const READY_MS = 30_000;
const STOP_MS = 15_000;
const POLL_MS = 5;
const OUTPUT_KEPT = 2_000;

/** Starts a program that listens on `port`, and waits until it does. Throws with what it wrote when it does not. */
export async function startProgram(program: Program): Promise<RunningPeer> {
  const start = performance.now();
  const child = spawn(program.command, program.args, {
    cwd: program.cwd,
    env: { ...process.env, ...program.env },
    stdio: ["ignore", "pipe", "pipe"],
    // Ctrl-C is for the rig, which ends it when it has measured it.
    detached: true,
  });
  let output = "";
  const keep = (chunk: Buffer): void => {
    output = (output + chunk).slice(-OUTPUT_KEPT);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {});
  child.once("error", failed.reject);
  const ended = Promise.withResolvers<void>();
  child.once("close", (code, signal) => {
    failed.reject(new Error(`ended with ${code ?? signal}: ${output.trim()}`));
    ended.resolve();
  });

  try {
    await Promise.race([listens(program.port, child), failed.promise]);
  } catch (error) {
    await end(child, ended.promise);
    await program.cleanUp?.();
    throw error;
  }
  return {
    pid: child.pid as number,
    port: program.port,
    paths: ["/"],
    readyMs: performance.now() - start,
    async stop() {
      const isGone = hasEnded(child);
      await end(child, ended.promise);
      await program.cleanUp?.();
      if (isGone) throw new Error(`ended while it was measured: ${output.trim()}`);
    },
  };
}

/** Below those that Linux gives to whoever asks for any: nobody gets it before the program does. */
const PORTS = { from: 16_000, to: 32_000 };

/** Foreign programs cannot say which port the system gave them, so they are told one. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

async function listens(port: number, child: ChildProcess): Promise<void> {
  const until = performance.now() + READY_MS;
  while (!hasEnded(child)) {
    if (await takesConnection(port)) return;
    if (performance.now() > until) throw new Error(`does not listen on port ${port} after ${READY_MS} ms`);
    await delay(POLL_MS);
  }
  await new Promise<never>(() => {}); // what it ended with is told by whoever waits for that
}

function takesConnection(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

async function end(child: ChildProcess, ended: Promise<void>): Promise<void> {
  if (child.pid === undefined) return;
  if (!hasEnded(child)) child.kill("SIGTERM");
  const patience = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(patience);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
