import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ExecutionContext } from "ava";
import {
  type AttachedConfigInput,
  attachGateway,
  type ConfigInput,
  createLogger,
} from "../../../core/index.ts";
import { makeFolder } from "../../config/folder.ts";
import { PATIENT } from "./limits.ts";

export const quiet = createLogger({ level: "silent" });
export const shout = (mark: string) =>
  `export const client = ({ content }) => ({ content: { body: content.body.toUpperCase() + "${mark}" } });`;

export async function listen(t: ExecutionContext, server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export async function attach(t: ExecutionContext, server: Server, routes: ConfigInput["routes"]) {
  const policies = await makeFolder(t, { "shout.ts": shout("!") });
  const config: AttachedConfigInput = {
    policies,
    routes,
    drain: { timeout: "2s" },
    sandbox: { ...PATIENT, warmSpare: false, os: "off" },
  };
  const gateway = await attachGateway(server, config, { logger: quiet });
  t.teardown(() => gateway.stop());
  return { gateway, config, policies };
}
