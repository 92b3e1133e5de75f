import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Address, ConsoleConfig } from "../config/index.ts";
import { headTimeout } from "../listen/head-timeout.ts";
import { createServerNames } from "../listen/server-names.ts";
import { readTlsMaterial } from "../listen/tls-material.ts";

/** Longest time until the whole head of a request has come. */
const HEAD_TIMEOUT_MS = 10_000;

/** Rejects with a GatewayError (`ERR_TLS`) when the console's certificate cannot be used. */
export async function createConsoleServer({ tls }: ConsoleConfig): Promise<Server> {
  const limits = headTimeout({ handshakeTimeoutMs: HEAD_TIMEOUT_MS });
  if (tls === undefined) return createServer(limits);
  const names = createServerNames(tls, await readTlsMaterial(tls, "console.tls"));
  return createHttpsServer({
    ...limits,
    ...names.first,
    SNICallback: (name, done) => done(null, names.find(name)),
    requestCert: tls.clientCertificate !== "ignore",
    rejectUnauthorized: tls.clientCertificate === "require",
  });
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
