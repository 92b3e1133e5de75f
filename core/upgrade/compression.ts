import type { CompressionConfig } from "../config/index.ts";
import {
  acceptExtensions,
  answerExtensions,
  type NegotiatedExtensions,
  offerExtensions,
  offerOwn,
} from "./extensions.ts";

/** The negotiation of one upgrade: what the server is offered, and what its answer means for both legs. */
export interface Negotiation {
  /** Sec-WebSocket-Extensions of the request to the server; undefined for none. */
  readonly offer: string | undefined;
  /** @returns undefined when the server answered what it was not offered, or not what was asked for */
  accept(answer: string | undefined): NegotiatedExtensions | undefined;
}

/**
 * @param header the client's Sec-WebSocket-Extensions; not looked at where the client's leg is never compressed
 * @param standAlone each message is to be read by itself, whichever legs there are
 * @throws SyntaxError when the header cannot be parsed
 */
export function negotiate(
  header: string | undefined,
  config: CompressionConfig,
  standAlone: boolean,
): Negotiation {
  const { legs } = config;
  // Of one leg alone every message is inflated or deflated by the gateway.
  const isAlone = standAlone || legs.client !== legs.server || config.maxRatio > 0;
  const wanted = isAlone ? { ...config, clientContextTakeover: false, serverContextTakeover: false } : config;

  if (legs.client && legs.server) {
    const offer = offerExtensions(header, wanted);
    return { offer, accept: (answer) => acceptExtensions(answer, offer, wanted) };
  }
  const own = legs.client ? answerExtensions(header, wanted) : NO_EXTENSIONS;
  const offer = legs.server ? offerOwn(wanted) : undefined;
  return {
    offer,
    accept(answer) {
      const accepted = acceptExtensions(answer, offer, wanted);
      if (accepted === undefined) return undefined;
      const { server } = accepted.deflate;
      return { header: own.header, deflate: { ...own.deflate, ...(server !== undefined && { server }) } };
    },
  };
}

const NO_EXTENSIONS: NegotiatedExtensions = { header: undefined, deflate: {} };
