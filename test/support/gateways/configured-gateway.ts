import type { ExecutionContext } from "ava";
import { createGateway, createLogger, type GatewayConfig } from "../../../core/index.ts";

/** A gateway for a config that is resolved already, on free ports, its sessions in this process. @returns its ports */
export async function startConfigured(
  t: ExecutionContext,
  config: GatewayConfig,
): Promise<readonly number[]> {
  const gateway = await createGateway(
    {
      ...config,
      listen: config.listen.map((listener) => ({ ...listener, host: "127.0.0.1", port: 0 })),
      console: false,
      workers: 0,
      drain: { ...config.drain, spreadMs: 0, timeoutMs: 2000 },
      sandbox: { ...config.sandbox, warmSpare: false },
    },
    { logger: createLogger({ level: "silent" }) },
  );
  t.teardown(() => gateway.stop());
  await gateway.start();
  return gateway.addresses.listen.map(({ port }) => port ?? 0);
}
