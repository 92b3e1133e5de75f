import { extension } from "ws";
import type { DeflateParameters } from "../config/index.ts";
import type { LegDeflate } from "../wire/deflate.ts";

/**
 * Negotiation of permessage-deflate (RFC 7692). Where both legs may have it, the client's offers go to the server and
 * the server's answer comes back, so that both legs agree and compressed bytes can be spliced. Where only one leg may,
 * the gateway is the other end of it. Other extensions are hop-by-hop and are not offered on.
 *
 * Where the gateway reads messages no direction may use context takeover: a message can then be inflated, and replaced,
 * by itself, today or when a policy is added while the connection is open. Servers are about that answer such an offer as
 * if it said nothing of it (Tornado and Mojolicious do, against section 7.1.1.1): their context is then between them and
 * the gateway, which inflates what comes with it and lets each message leave by itself.
 */

export interface NegotiatedExtensions {
  /** Value of Sec-WebSocket-Extensions for the client; undefined for none. */
  readonly header: string | undefined;
  /** By leg; absent where nothing is compressed. */
  readonly deflate: { readonly client?: LegDeflate; readonly server?: LegDeflate };
}

type Parameters = Readonly<Record<string, readonly (string | true)[]>>;

const NAME = "permessage-deflate";
const LARGEST_WINDOW = 15;

/**
 * @param header the client's Sec-WebSocket-Extensions
 * @returns the value to send to the server; undefined for none
 * @throws SyntaxError when the header cannot be parsed
 */
export function offerExtensions(header: string | undefined, wanted: DeflateParameters): string | undefined {
  const offers = readOffers(header, wanted).map((offer) => restrict(offer, wanted));
  return offers.length === 0 ? undefined : extension.format({ [NAME]: offers });
}

/**
 * @param header the server's Sec-WebSocket-Extensions
 * @param offered what it was offered
 * @returns undefined when the server answered what it was not offered, or not what was asked for
 */
export function acceptExtensions(
  header: string | undefined,
  offered: string | undefined,
  wanted: DeflateParameters,
): NegotiatedExtensions | undefined {
  if (header === undefined || header.trim() === "") return { header: undefined, deflate: {} };
  const answer = parseAnswer(header);
  if (answer === undefined || offered === undefined) return undefined;
  const fitting = (extension.parse(offered)[NAME] ?? []).filter((each) => answers(each, answer));
  const offer = fitting.find((each) => !ignoresContext(each, answer)) ?? fitting[0];
  if (offer === undefined) return undefined;

  // The server reads what is compressed with less than it allows.
  const forServer = {
    ...answer,
    ...(!wanted.clientContextTakeover && { client_no_context_takeover: [true] as const }),
    ...(wanted.clientMaxWindowBits < LARGEST_WINDOW && {
      client_max_window_bits: answer.client_max_window_bits ?? offer.client_max_window_bits,
    }),
  };
  const forClient = ignoresContext(offer, answer)
    ? { ...forServer, server_no_context_takeover: [true] as const }
    : forServer;
  return {
    header: extension.format({ [NAME]: [forClient] }),
    deflate: { client: describe(forClient), server: describe(forServer) },
  };
}

/** What the gateway offers to the server by itself, for messages that stand alone. */
export function offerOwn({ clientMaxWindowBits, ...wanted }: DeflateParameters): string {
  const mostBits = clientMaxWindowBits < LARGEST_WINDOW ? String(clientMaxWindowBits) : true;
  const offer = { client_no_context_takeover: [true], client_max_window_bits: [mostBits] } as const;
  return extension.format({ [NAME]: [restrict(offer, { ...wanted, clientMaxWindowBits: LARGEST_WINDOW })] });
}

/**
 * The gateway's own answer to a client, for messages that stand alone.
 *
 * @throws SyntaxError when the header cannot be parsed
 */
export function answerExtensions(
  header: string | undefined,
  wanted: DeflateParameters,
): NegotiatedExtensions {
  const [offer] = readOffers(header, wanted);
  if (offer === undefined) return { header: undefined, deflate: {} };
  const { client_max_window_bits: clientBits, ...others } = restrict(offer, wanted);
  const answer = {
    ...others,
    client_no_context_takeover: [true] as const,
    ...(wanted.clientMaxWindowBits < LARGEST_WINDOW && { client_max_window_bits: clientBits }),
  };
  return { header: extension.format({ [NAME]: [answer] }), deflate: { client: describe(answer) } };
}

/** The offers that are right, and that leave room for what is wanted of the client. */
function readOffers(header: string | undefined, { clientMaxWindowBits }: DeflateParameters): Parameters[] {
  if (header === undefined || header.trim() === "") return [];
  const offers = (extension.parse(header)[NAME] ?? []).filter(isOffer);
  return offers.filter(
    (offer) => clientMaxWindowBits === LARGEST_WINDOW || "client_max_window_bits" in offer,
  );
}

/** The offer with no more in it than is wanted. */
function restrict(offer: Parameters, wanted: DeflateParameters): Parameters {
  return {
    ...offer,
    ...(!wanted.serverContextTakeover && { server_no_context_takeover: [true] }),
    ...restrictWindow(offer, "client_max_window_bits", wanted.clientMaxWindowBits),
    ...restrictWindow(offer, "server_max_window_bits", wanted.serverMaxWindowBits),
  };
}

function restrictWindow(offer: Parameters, key: string, mostBits: number): Parameters {
  if (mostBits === LARGEST_WINDOW) return {};
  return { [key]: [String(Math.min(mostBits, bitsOf(offer, key)))] };
}

function bitsOf(parameters: Parameters, key: string): number {
  const value = parameters[key]?.[0] ?? true;
  return value === true ? LARGEST_WINDOW : Number(value);
}

function describe(answer: Parameters): LegDeflate {
  return {
    client: {
      noContextTakeover: "client_no_context_takeover" in answer,
      windowBits: bitsOf(answer, "client_max_window_bits"),
    },
    server: {
      noContextTakeover: "server_no_context_takeover" in answer,
      windowBits: bitsOf(answer, "server_max_window_bits"),
    },
  };
}

function parseAnswer(header: string): Parameters | undefined {
  try {
    const parsed = extension.parse(header);
    const [answer, ...others] = parsed[NAME] ?? [];
    if (answer === undefined || others.length > 0 || Object.keys(parsed).length !== 1) return undefined;
    // In an answer the value may not be left out (section 7.1.2.2).
    return isOffer(answer) && answer.client_max_window_bits?.[0] !== true ? answer : undefined;
  } catch {
    return undefined;
  }
}

/** Section 7.1: known parameters, each once, with values in range. */
function isOffer(parameters: Parameters): boolean {
  return Object.entries(parameters).every(([key, values]) => {
    const [value, ...others] = values;
    if (value === undefined || others.length > 0) return false;
    switch (key) {
      case "server_no_context_takeover":
      case "client_no_context_takeover":
        return value === true;
      case "server_max_window_bits":
        return value !== true && /^([89]|1[0-5])$/.test(value);
      case "client_max_window_bits":
        return value === true || /^([89]|1[0-5])$/.test(value);
      default:
        return false;
    }
  });
}

/** The server was asked not to use its context, and says that it will. */
function ignoresContext(offer: Parameters, answer: Parameters): boolean {
  return "server_no_context_takeover" in offer && !("server_no_context_takeover" in answer);
}

/** Is `answer` one that may be given to `offer`, but for the server's context? */
function answers(offer: Parameters, answer: Parameters): boolean {
  if ("server_max_window_bits" in offer) {
    if (!("server_max_window_bits" in answer)) return false;
    if (Number(answer.server_max_window_bits[0]) > Number(offer.server_max_window_bits[0])) return false;
  }
  if (!("client_max_window_bits" in answer)) return true;
  if (!("client_max_window_bits" in offer)) return false;
  const [most] = offer.client_max_window_bits;
  return most === true || Number(answer.client_max_window_bits[0]) <= Number(most);
}
