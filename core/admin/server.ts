import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Address, ConsoleConfig } from "../config/index.ts";
import { headTimeout } from "../listen/head-timeout.ts";
import { readTlsMaterial } from "../listen/tls-material.ts";
import { createTlsServer } from "../listen/tls-server.ts";

/** Longest time until the whole head of a request has come. */
const HEAD_TIMEOUT_MS = 10_000;

/** Rejects with a GatewayError (`ERR_TLS`) when the console's certificate cannot be used. */
export async function createConsoleServer({ tls }: ConsoleConfig): Promise<Server> {
  const limits = headTimeout({ handshakeTimeoutMs: HEAD_TIMEOUT_MS });
  if (tls === undefined) return createServer(limits);
  return createTlsServer(tls, await readTlsMaterial(tls, "console.tls"), limits);
}

/** Rejects with the system's error. */
export function listen(
  server: Server,
  { host, port }: Address,
  onRequest: RequestListener,
): Promise<Address> {
  server.on("request", onRequest);
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve({ host, port: (server.address() as AddressInfo).port });
    });
  });
}
