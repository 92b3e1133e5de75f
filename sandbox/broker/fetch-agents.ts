import * as http from "node:http";
import * as https from "node:https";
import type { LookupFunction } from "node:net";
import type { AddressCheck } from "./addresses.ts";
import { privateAddress } from "./fetch-errors.ts";

export interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

const MAX_SOCKETS = 64;
const IDLE_SOCKET_MS = 10_000;
export function createAgents(lookup: LookupFunction): Agents {
  const options = {
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    maxFreeSockets: 8,
    timeout: IDLE_SOCKET_MS,
    lookup,
  };
  return { http: new http.Agent(options), https: new https.Agent(options) };
}

/** What this gives is what is dialled: a name that points elsewhere a moment later gains nothing. */
export function checkedLookup(lookup: LookupFunction, isPrivate: AddressCheck): LookupFunction {
  return (hostname, options, done) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, []);
      const all = Array.isArray(found) ? found : [];
      const open = all.filter(({ address }) => !isPrivate(address));
      const [first] = open;
      if (first === undefined) return done(privateAddress(hostname), []);
      if (options.all) done(null, open);
      else done(null, first.address, first.family);
    });
}
