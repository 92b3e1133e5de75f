import { Socket } from "node:net";
import { adoptJail, type Claim, type Lease } from "../../sandbox/index.ts";
import type { EmitEvent } from "../events.ts";
import { OwnPlaces } from "../leases/caps/own-places.ts";
import { PlaceLeases } from "../leases/caps/place-leases.ts";
import type { Settlement } from "../leases/settled/account.ts";
import type { Level } from "../leases/settled/token-bucket.ts";
import type { Handle } from "../listen/address-handle.ts";
import { BatchOutbox } from "../traffic/batch/batch-outbox.ts";
import { createAnswerer } from "./answerer.ts";
import { createDistantBook } from "./book-link.ts";
import { createDistantKv } from "./kv-link.ts";
import { BATCH_FD, type ToWorker, type WorkerOrder, type WorkerStart } from "./messages.ts";
import { Outgoing } from "./outgoing.ts";
import { openOwnKv } from "./own-kv.ts";
import { type Answerer, answerRequest } from "./requests.ts";

/** The entry of a worker process: an engine that does what the supervisor says. It ends when the supervisor does. */
let answerer: Answerer | undefined;

// The callback takes the error of a supervisor that has just gone: `disconnect` follows.
const outgoing = new Outgoing((messages) => {
  if (process.connected) process.send?.(messages, undefined, undefined, () => {});
});
const distantBook = createDistantBook<Claim, Lease>((question) =>
  outgoing.send({ type: "claims", ...question }),
);
const distantLevels = createDistantBook<Settlement, Level | undefined>((question) =>
  outgoing.send({ type: "settlements", ...question }),
);
const distantChallenges = createDistantBook<string, string | undefined>((question) =>
  outgoing.send({ type: "tokens", ...question }),
);
const distantPlaces = new PlaceLeases((notes) => outgoing.send({ type: "caps", notes }));
const distantKv = createDistantKv((question) => outgoing.send({ type: "kv", question }));

process.on("message", (message: ToWorker, handle?: Socket | Handle) => {
  if ("answer" in message) return distantKv.take(message.answer);
  if ("said" in message) return distantPlaces.hear(message.said);
  if ("told" in message) return takeTold(message);
  const { id } = message;
  carryOut(message, handle).then(
    (value) => {
      outgoing.send({ type: "reply", id, value });
      if ("name" in message && message.name === "stop") process.disconnect();
    },
    (error: NodeJS.ErrnoException) => {
      outgoing.send({ type: "failed", id, code: error.code ?? "", message: error.message });
    },
  );
});
process.on("disconnect", () => process.exit(0));
// The terminal sends these to the whole group: it is the supervisor that says when to stop.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
process.on("SIGHUP", () => {});

function takeTold(message: Extract<ToWorker, { readonly told: unknown }>): void {
  switch (message.type) {
    case "leases":
      return distantBook.take(message);
    case "levels":
      return distantLevels.take(message);
    case "challenges":
      return distantChallenges.take(message);
  }
}

async function carryOut(order: WorkerOrder, handle?: Socket | Handle): Promise<unknown> {
  if ("take" in order) return take(order.take, handle as Socket | undefined);
  if ("accept" in order) return answerer?.engine.accept(order.accept, handle as Handle, order.backlog);
  if ("name" in order) {
    if (answerer === undefined) throw new Error(`${order.name} before start`);
    return answerRequest(answerer, order.name, order.args);
  }
  answerer = await start(order.start);
  return undefined;
}

/** Without a socket it was closed on its way. */
function take(key: string, socket: Socket | undefined): void {
  if (socket === undefined) return;
  // As the door made it: sessions pass half-closed connections on.
  socket.allowHalfOpen = true;
  if (answerer === undefined) socket.destroy();
  else answerer.engine.take(key, socket);
}

async function start({ config, kvUrl, sharesLimits, jail }: WorkerStart): Promise<Answerer> {
  adoptJail(jail);
  const emit: EmitEvent = (event) => outgoing.send({ type: "event", event });
  const pipe = new Socket({ fd: BATCH_FD, readable: false, writable: true });
  // A supervisor that has gone: `disconnect` follows.
  pipe.on("error", () => {}).unref();
  const batches = new BatchOutbox({ pipe, kept: config.traffic });
  return createAnswerer({
    config,
    emit,
    batches,
    // A limit holds over all workers: a Redis of its own is the same from everywhere, all else is the supervisor's.
    kv: kvUrl === undefined ? distantKv.store : openOwnKv(kvUrl, emit),
    askRates: distantBook.ask,
    askChallenge: async (token) => (await distantChallenges.ask([token]))[0],
    // Alone it has all places there are.
    settleRates: sharesLimits ? distantLevels.ask : undefined,
    places: sharesLimits ? distantPlaces : new OwnPlaces(),
    self: "worker",
    sendMark: (mark) => batches.collect(mark),
  });
}
