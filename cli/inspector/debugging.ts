import type { createSandbox } from "../../sandbox/index.ts";
import { inspectPolicy } from "./inspected-sandbox.ts";
import { createPolicyInspector } from "./inspector.ts";
import { startInspectorServer } from "./inspector-server.ts";

/** What `--inspect` adds to a gateway. */
export interface Debugging {
  readonly newSandbox: typeof createSandbox;
  /** For the terminal. @param known the policies of the folder */
  describe(known: readonly string[]): string;
  close(): Promise<void>;
}

/** The port that Chrome looks at by itself. */
export const DEFAULT_INSPECT_PORT = 9229;

export async function startDebugging({
  inspect: policy,
  inspectPort = DEFAULT_INSPECT_PORT,
}: {
  readonly inspect?: string;
  readonly inspectPort?: number;
}): Promise<Debugging | undefined> {
  if (policy === undefined) return undefined;
  const inspector = createPolicyInspector();
  const server = await startInspectorServer(policy, inspector, inspectPort);
  return {
    newSandbox: inspectPolicy(policy, inspector),
    describe(known) {
      const warning = known.includes(policy)
        ? ""
        : `\n             There is no policy "${policy}" yet. Those there are: ${known.join(", ") || "none"}.`;
      return `  Debug      ${server.url}\n             open chrome://inspect, or attach your editor to it${warning}\n\n`;
    },
    close: server.close,
  };
}
