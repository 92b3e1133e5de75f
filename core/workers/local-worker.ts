import { isMadeForIsolates } from "../../sandbox/index.ts";
import type { GatewayConfig } from "../config/index.ts";
import type { CapBook } from "../leases/caps/cap-book.ts";
import { OwnPlaces } from "../leases/caps/own-places.ts";
import { PlaceLeases } from "../leases/caps/place-leases.ts";
import type { CapPlaces } from "../leases/caps/places.ts";
import type { AnswererOptions } from "./answerer.ts";
import { type Answerer, answerRequest, methodsOf, type RequestMethods, requests } from "./requests.ts";
import type { LocalParts, SupervisorParts, Worker } from "./worker.ts";

/** An engine in this process: for embedding and tests (`workers: 0`). It ends when it is told to, and not before. */
export function createLocalWorker(
  config: GatewayConfig,
  { onBatch, capBook, settleRates, onEntry, ...parts }: SupervisorParts & LocalParts,
): Worker {
  const beginning = openAnswerer({
    ...parts,
    config,
    settleRates: config.cluster && settleRates,
    places: config.cluster === undefined ? new OwnPlaces() : joinBook(capBook),
    batches: {
      take(batch) {
        onBatch(batch);
        return true;
      },
      spare: () => undefined,
      suit() {},
    },
  });
  const ended = Promise.withResolvers<string>();
  // Whoever asks it anything is told what went wrong.
  if (onEntry !== undefined) beginning.then(({ engine }) => onEntry(engine.entry)).catch(() => {});
  const methods = methodsOf<RequestMethods>(requests, async (name, args) =>
    answerRequest(await beginning, name, args),
  );
  const stop: Worker["stop"] = async (drain) => {
    await methods.stop(drain).finally(() => ended.resolve("stopped"));
  };
  return {
    ...methods,
    holdsIsolates: isMadeForIsolates,
    begun: beginning.then(() => {}),
    ended: ended.promise,
    take: async (key, socket) => (await beginning).engine.take(key, socket),
    collect: async () => (await beginning).engine.flushRecords(),
    stop,
    kill: () => void stop({ code: 1001, spreadMs: 0, timeoutMs: 1 }).catch(() => {}),
  };
}

/** For what machines share. What is said either way is heard in a turn of its own, as between processes. */
function joinBook(book: CapBook): CapPlaces {
  const holder = book.join((said) => queueMicrotask(() => leases.hear(said)));
  const leases = new PlaceLeases((notes) => queueMicrotask(() => holder.hear(notes)));
  return leases;
}

/** Half of a gateway's code, which a supervisor of other processes need not load. */
async function openAnswerer(options: AnswererOptions): Promise<Answerer> {
  const { createAnswerer } = await import("./answerer.ts");
  return createAnswerer(options);
}
