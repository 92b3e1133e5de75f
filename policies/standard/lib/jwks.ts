import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";

/** A document that is older is fetched anew; if that fails, it may still be used up to the second age. */
const FRESH_MS = 10 * 60_000;
const USABLE_MS = 60 * 60_000;
/** Tokens with key ids that nobody knows must not make the policy fetch all the time. */
const COOLDOWN_MS = 30_000;

interface Fetched {
  readonly findKey: JWTVerifyGetKey;
  readonly at: number;
}

/** The keys at a URL. A key id that is not among them fetches anew, for keys are rotated. */
export function createRemoteKeys(url: string): JWTVerifyGetKey {
  let fetched: Fetched | undefined;
  let fetching: Promise<Fetched> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;

  function refresh(): Promise<Fetched> {
    triedAt = Date.now();
    fetching ??= fetchKeys(url).finally(() => (fetching = undefined));
    return fetching;
  }

  async function currentKeys(): Promise<Fetched> {
    const age = fetched === undefined ? Number.POSITIVE_INFINITY : Date.now() - fetched.at;
    if (fetched !== undefined && age < FRESH_MS) return fetched;
    try {
      // While there is something to go on with, what fails is not tried for each connection.
      if (age < USABLE_MS && Date.now() - triedAt < COOLDOWN_MS) return fetched!;
      fetched = await refresh();
    } catch (error) {
      if (age >= USABLE_MS) throw error;
    }
    return fetched!;
  }

  return async (header, token) => {
    const keys = await currentKeys();
    try {
      return await keys.findKey(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || Date.now() - triedAt < COOLDOWN_MS) throw error;
      fetched = await refresh();
      return fetched.findKey(header, token);
    }
  };
}

async function fetchKeys(url: string): Promise<Fetched> {
  const response = await fetch(url, { headers: { accept: "application/json" } });
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}; expected 200 and a JWKS`);
  const keys = (await response.json()) as JSONWebKeySet;
  return { findKey: createLocalJWKSet(keys), at: Date.now() };
}
