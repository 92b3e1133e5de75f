import type { IncomingMessage } from "node:http";
import type { BlockList, Socket } from "node:net";
import type { ListenerConfig } from "../config/index.ts";
import { Exchange } from "./exchange.ts";
import { pathOf } from "./request-context.ts";
import { readSender } from "./sender.ts";
import { beginSpan } from "./trace-context.ts";

export interface IdentifyOptions {
  newId(): string;
  /** Proxies whose word about the client is taken; undefined: nobody's. */
  trusted(): BlockList | undefined;
  /** Share of the traces begun here that are sampled; undefined: no traces, and headers of theirs are passed on. */
  readonly traceSample?: number | undefined;
}

/** What a listener has for routes that do not say it themselves. */
export type ListenerTerms = Pick<ListenerConfig, "origins" | "recording">;

/**
 * The first stage: who asks, for what, and as a part of which trace. Refuses nobody.
 *
 * @param listener what holds of what comes by it, on routes that do not say it
 */
export function identify(
  request: IncomingMessage,
  socket: Socket,
  { newId, trusted, traceSample }: IdentifyOptions,
  { origins, recording }: ListenerTerms,
): Exchange {
  const identity = {
    request,
    path: pathOf(request.url ?? "/"),
    sender: readSender(request, socket, trusted()),
    origins,
    recording,
    trace: traceSample === undefined ? undefined : beginSpan(request.headersDistinct, traceSample),
  };
  return new Exchange(identity, newId);
}
