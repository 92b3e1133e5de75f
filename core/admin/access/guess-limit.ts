import { createHash } from "node:crypto";
import { clientNetwork } from "../../net/networks.ts";

/**
 * Who has shown too many wrong tokens is not listened to for a while. Others behind the same address are: a token that
 * was right from there before stays so. And a token that is known to be wrong from there tells nothing when it is shown
 * again, so that a program with an old token shuts nobody out.
 */
export interface GuessLimit {
  /** How long until this token may be shown from this address, whole seconds; 0 when it may. */
  waitSeconds(address: string, token: string): number;
  countFailure(address: string, token: string): void;
  countSuccess(address: string, token: string): void;
}

interface Network {
  /** Digests of tokens. */
  readonly right: Set<string>;
  readonly wrong: Set<string>;
  endsAt: number;
}

const MOST_FAILURES = 10;
const WINDOW_MS = 60_000;
const MOST_NETWORKS = 10_000;
/** Who has one address of IPv6 has all of its /64. */
const CLIENT_BITS = 64;

/** @param now milliseconds of a clock that nobody sets */
export function createGuessLimit(now: () => number = () => performance.now()): GuessLimit {
  const networks = new Map<string, Network>();

  return {
    waitSeconds(address, token) {
      const network = networks.get(clientNetwork(address, CLIENT_BITS));
      if (network === undefined || network.wrong.size < MOST_FAILURES) return 0;
      if (network.right.has(digestOf(token))) return 0;
      return Math.max(0, Math.ceil((network.endsAt - now()) / 1000));
    },
    countFailure(address, token) {
      const network = find(address);
      network.wrong.add(digestOf(token));
      // At the limit the wait is a whole one.
      if (network.wrong.size === MOST_FAILURES) network.endsAt = now() + WINDOW_MS;
    },
    countSuccess(address, token) {
      find(address).right.add(digestOf(token));
    },
  };

  /** With the failures of this window. */
  function find(address: string): Network {
    const key = clientNetwork(address, CLIENT_BITS);
    const known = networks.get(key);
    if (known !== undefined && known.endsAt > now()) return known;
    networks.delete(key);
    if (networks.size >= MOST_NETWORKS) networks.delete(networks.keys().next().value!);
    const network = {
      right: known?.right ?? new Set<string>(),
      wrong: new Set<string>(),
      endsAt: now() + WINDOW_MS,
    };
    networks.set(key, network);
    return network;
  }
}

/** What is kept cannot be shown as a token. */
function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}
