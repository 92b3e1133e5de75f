import { extension } from "ws";
import type { DeflateDirection } from "../wire/deflate.ts";

/**
 * Negotiation of permessage-deflate (RFC 7692) through the gateway: the client's offers go to the server, the server's
 * answer comes back, so that both legs agree and compressed bytes can be spliced. Other extensions are hop-by-hop and
 * are not offered on.
 *
 * On a route with policies no direction may use context takeover: a message can then be inflated, and replaced, by
 * itself, today or when a policy is added while the connection is open.
 */

export interface NegotiatedExtensions {
  /** Value of Sec-WebSocket-Extensions for the client; undefined for none. */
  readonly header: string | undefined;
  readonly deflate: { readonly client?: DeflateDirection; readonly server?: DeflateDirection };
}

type Parameters = Readonly<Record<string, readonly (string | true)[]>>;

const name = "permessage-deflate";

/**
 * @param header the client's Sec-WebSocket-Extensions
 * @returns the value to send to the server; undefined for none
 * @throws SyntaxError when the header cannot be parsed
 */
export function offerExtensions(header: string | undefined, standAlone: boolean): string | undefined {
  if (header === undefined || header.trim() === "") return undefined;
  const offers = (extension.parse(header)[name] ?? []).filter(isOffer);
  if (offers.length === 0) return undefined;
  return extension.format({
    [name]: offers.map((offer) => (standAlone ? { ...offer, server_no_context_takeover: [true] } : offer)),
  });
}

/**
 * @param header the server's Sec-WebSocket-Extensions
 * @param offered what it was offered
 * @returns undefined when the server answered what it was not offered, or not what was asked for
 */
export function acceptExtensions(
  header: string | undefined,
  offered: string | undefined,
  standAlone: boolean,
): NegotiatedExtensions | undefined {
  if (header === undefined || header.trim() === "") return { header: undefined, deflate: {} };
  const answer = parseAnswer(header);
  if (answer === undefined || offered === undefined) return undefined;
  const isAccepted = extension.parse(offered)[name].some((offer) => answers(offer, answer));
  if (!isAccepted) return undefined;

  const forClient = standAlone ? { ...answer, client_no_context_takeover: [true] as const } : answer;
  return {
    header: extension.format({ [name]: [forClient] }),
    deflate: {
      client: {
        noContextTakeover: "client_no_context_takeover" in forClient,
        windowBits: Number(answer.client_max_window_bits?.[0] ?? 15),
      },
      server: {
        noContextTakeover: "server_no_context_takeover" in answer,
        windowBits: Number(answer.server_max_window_bits?.[0] ?? 15),
      },
    },
  };
}

function parseAnswer(header: string): Parameters | undefined {
  try {
    const parsed = extension.parse(header);
    const answers = parsed[name] ?? [];
    if (Object.keys(parsed).length !== 1 || answers.length !== 1 || !isOffer(answers[0])) return undefined;
    // In an answer the value may not be left out (section 7.1.2.2).
    return answers[0].client_max_window_bits?.[0] === true ? undefined : answers[0];
  } catch {
    return undefined;
  }
}

/** Section 7.1: known parameters, each once, with values in range. */
function isOffer(parameters: Parameters): boolean {
  return Object.entries(parameters).every(([key, values]) => {
    if (values.length !== 1) return false;
    const [value] = values;
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

/** Is `answer` one that may be given to `offer`? */
function answers(offer: Parameters, answer: Parameters): boolean {
  if ("server_no_context_takeover" in offer && !("server_no_context_takeover" in answer)) return false;
  if ("server_max_window_bits" in offer) {
    if (!("server_max_window_bits" in answer)) return false;
    if (Number(answer.server_max_window_bits[0]) > Number(offer.server_max_window_bits[0])) return false;
  }
  if (!("client_max_window_bits" in answer)) return true;
  if (!("client_max_window_bits" in offer)) return false;
  const [most] = offer.client_max_window_bits;
  return most === true || Number(answer.client_max_window_bits[0]) <= Number(most);
}
