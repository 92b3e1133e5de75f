import { lookup } from "node:dns/promises";
import * as net from "node:net";
import { getSystemErrorName } from "node:util";
import type { ListenerConfig } from "../config/index.ts";

/** Node's own handle of a socket. It can be sent to a worker process, and is no `net.Server`. */
export interface Handle {
  getsockname(address: { port?: number }): number;
  /** These give 0, or what is wrong. */
  setNoDelay(isOn: boolean): number;
  setKeepAlive(isOn: boolean, seconds: number): number;
  close(): void;
}

/** An address that is bound here, where nobody accepts: who is given the handle listens, and does. */
export interface BoundAddress {
  readonly handle: Handle;
  readonly host: string;
  readonly port: number;
}

/**
 * What `node:cluster` binds an address with for workers that accept by themselves (`SCHED_NONE`). A `net.Server` would
 * accept in this process too, and `node:cluster` itself gives the address up when its last worker ends.
 */
const { _createServerHandle: createServerHandle } = net as unknown as {
  readonly _createServerHandle?: (host: string, port: number, family: number) => Handle | number;
};

/** Whether workers can accept this listener's connections by themselves. */
export function isShareable({ socket, reusePort }: ListenerConfig): boolean {
  return createServerHandle !== undefined && socket === undefined && !reusePort;
}

/** Of a listener that is shareable. Rejects with the system's error (EADDRINUSE, EACCES, …). */
export async function bindAddress({ host, port }: ListenerConfig): Promise<BoundAddress> {
  const { address, family } = await lookup(host);
  const handle = createServerHandle?.(address, port, family) ?? 0;
  if (typeof handle === "number") throw systemError(handle, host, port);
  const bound: { port?: number } = {};
  // An address that is in use is told here and not by the bind before.
  const failure = handle.getsockname(bound);
  if (failure === 0) return { handle, host, port: bound.port ?? port };
  handle.close();
  throw systemError(failure, host, port);
}

function systemError(number: number, address: string, port: number): Error {
  const code = number === 0 ? "ENOTSUP" : getSystemErrorName(number);
  const message = `listen ${code} ${address}:${port}`;
  return Object.assign(new Error(message), { code, syscall: "listen", address, port });
}
