import { fileURLToPath } from "node:url";
import type { AttachedConfigInput } from "framegate";

/** @param upstream the application's own WebSocket server */
export function makeConfig(upstream: string): AttachedConfigInput {
  return {
    policies: fileURLToPath(new URL("policies", import.meta.url)),
    routes: [{ path: "/chat", upstream, policies: ["polite"] }],
  };
}
