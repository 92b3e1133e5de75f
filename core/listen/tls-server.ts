import { createServer, type Server, type ServerOptions } from "node:https";
import type { TlsConfig } from "../config/index.ts";
import type { TlsMaterial } from "./listener-plan.ts";
import { createServerNames } from "./server-names.ts";

/** HTTP over TLS as the option `tls` says: a certificate by name, and whether clients show one. Not listening yet. */
export function createTlsServer(tls: TlsConfig, material: TlsMaterial, limits: ServerOptions): Server {
  const names = createServerNames(tls, material);
  return createServer({
    ...limits,
    ...names.first,
    SNICallback: (name, done) => done(null, names.find(name)),
    requestCert: tls.clientCertificate !== "ignore",
    rejectUnauthorized: tls.clientCertificate === "require",
  });
}
