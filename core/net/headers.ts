import type { CheckedHeaderChanges } from "../../sandbox/contract/verdicts.ts";

/** Header fields in the order they are sent, names as they came. */
export type HeaderFields = readonly (readonly [name: string, value: string])[];

/** Fields of one connection, not of the message (RFC 9110 section 7.6.1), and those that the handshake itself sets. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "upgrade",
  "keep-alive",
  "proxy-connection",
  "proxy-authorization",
  "proxy-authenticate",
  "te",
  "trailer",
  "transfer-encoding",
  "content-length",
  "sec-websocket-extensions",
]);

/** Fields that carry the handshake: a policy changes them by its verdict's own keys, or not at all. */
export const HANDSHAKE_FIELDS: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  "host",
  "sec-websocket-key",
  "sec-websocket-accept",
  "sec-websocket-version",
  "sec-websocket-protocol",
]);

/** @param name in lower case */
export function firstHeader(fields: HeaderFields, name: string): string | undefined {
  return fields.find(([field]) => field.toLowerCase() === name)?.[1];
}

/** Node's flat list of names and values as fields. */
export function readRawHeaders(raw: readonly string[]): HeaderFields {
  const fields: [string, string][] = [];
  for (let i = 1; i < raw.length; i += 2) fields.push([raw[i - 1] as string, raw[i] as string]);
  return fields;
}

/** Without what belongs to one hop only, the fields that Connection names included. */
export function endToEnd(fields: HeaderFields, without: readonly string[] = []): HeaderFields {
  // A set: a peer may name thousands of fields, and send as many.
  const named = new Set(
    (fieldValue(fields, "connection") ?? "").split(",").map((token) => token.trim().toLowerCase()),
  );
  return fields.filter(([name]) => {
    const key = name.toLowerCase();
    if (HOP_BY_HOP.has(key) || without.includes(key)) return false;
    return !named.has(key) || key.startsWith("sec-websocket-");
  });
}

export function changeHeaders(fields: HeaderFields, changes: CheckedHeaderChanges): HeaderFields {
  const entries = Object.entries(changes);
  if (entries.length === 0) return fields;
  const kept = fields.filter(([name]) => !Object.hasOwn(changes, name.toLowerCase()));
  const set = entries.flatMap(([name, values]) =>
    (values ?? []).map((value): readonly [string, string] => [name, value]),
  );
  return [...kept, ...set];
}

/** All values of a field, joined as RFC 9110 section 5.3 allows; undefined when it is absent. @param name in lower case */
export function fieldValue(fields: HeaderFields, name: string): string | undefined {
  let joined: string | undefined;
  for (const [key, value] of fields) {
    // Each upgrade looks for several fields, most of which it has not: names of another length are other names.
    if (key.length !== name.length || key.toLowerCase() !== name) continue;
    joined = joined === undefined ? value : `${joined}, ${value}`;
  }
  return joined;
}

/** For a server that another one has redirected to: what the client showed was not meant for it. */
export function withoutCredentials(fields: HeaderFields): HeaderFields {
  return fields.filter(([name]) => !["authorization", "cookie"].includes(name.toLowerCase()));
}

/** A whole head: start line, fields, empty line. */
export function formatHead(startLine: string, fields: HeaderFields): string {
  let head = `${startLine}\r\n`;
  for (const [name, value] of fields) head += `${name}: ${value}\r\n`;
  return `${head}\r\n`;
}
