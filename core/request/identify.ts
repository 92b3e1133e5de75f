import type { IncomingMessage } from "node:http";
import type { BlockList, Socket } from "node:net";
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

/**
 * The first stage: who asks, for what, and as a part of which trace. Refuses nobody.
 *
 * @param origins whose pages may connect, on routes that do not say it
 */
export function identify(
  request: IncomingMessage,
  socket: Socket,
  { newId, trusted, traceSample }: IdentifyOptions,
  origins: readonly string[],
): Exchange {
  const identity = {
    request,
    path: pathOf(request.url ?? "/"),
    sender: readSender(request, socket, trusted()),
    origins,
    trace: traceSample === undefined ? undefined : beginSpan(request.headersDistinct, traceSample),
  };
  return new Exchange(identity, newId);
}
