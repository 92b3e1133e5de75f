import type { GatewayConfig } from "../config/index.ts";
import { createAnswerer } from "./answerer.ts";
import { answerRequest, methodsOf, requests } from "./requests.ts";
import type { LocalParts, SupervisorParts, Worker } from "./worker.ts";

/** An engine in this process: for embedding and tests (`workers: 0`). */
export async function createLocalWorker(
  config: GatewayConfig,
  { onBatch, ...parts }: SupervisorParts & LocalParts,
): Promise<Worker> {
  const answerer = await createAnswerer({
    ...parts,
    config,
    batches: {
      take(batch) {
        onBatch(batch);
        return true;
      },
      spare: () => undefined,
    },
  });
  const methods = methodsOf<Worker>(requests, (name, args) => answerRequest(answerer, name, args));
  return { ...methods, collect: async () => answerer.engine.flushRecords() };
}
