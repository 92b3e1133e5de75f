/**
 * What kind of value a field has, and so how it is compared:
 *   name      as a whole, `*` for anything
 *   text      a part of it, whatever its case
 *   choice    one of a few words
 *   policy    a name, or `name@version` with how the version begins
 *   client    an address, its first groups, or a network
 *   number, size, duration   also with `<`, `<=`, `>`, `>=`
 */
export type FieldKind = "name" | "text" | "choice" | "policy" | "client" | "number" | "size" | "duration";

export interface FilterField {
  readonly kind: FieldKind;
  readonly says: string;
  /** Of a choice. */
  readonly values?: readonly string[];
  /** It is asked of something by name: `header.origin`. */
  readonly hasKey?: true;
}

export const OPCODE_WORDS: Readonly<Record<number, string>> = {
  0: "continuation",
  1: "text",
  2: "binary",
  8: "close",
  9: "ping",
  10: "pong",
};

export const filterFields = {
  kind: {
    kind: "choice",
    says: "What the record is of.",
    values: ["upgrade", "request", "frame", "hook", "close"],
  },
  route: { kind: "name", says: "The route's name." },
  session: { kind: "name", says: "The session's id." },
  subject: { kind: "name", says: "Who the session is of, as its attributes say." },
  attribute: { kind: "name", hasKey: true, says: "An attribute of the session, e.g. `attribute.plan:pro`." },
  policy: {
    kind: "policy",
    says: "A policy that had a part in it, or `name@version`, how the version begins.",
  },
  action: {
    kind: "choice",
    says: "What one of the policies did.",
    values: ["passed", "replaced", "dropped", "replied", "appended", "closed", "rejected", "held", "failed"],
  },
  origin: { kind: "choice", says: "Which side sent the message.", values: ["client", "server"] },
  by: {
    kind: "choice",
    says: "On whose account it happened.",
    values: ["client", "server", "policy", "gateway", "operator"],
  },
  opcode: {
    kind: "choice",
    says: "The frame's kind.",
    values: Object.values(OPCODE_WORDS),
  },
  outcome: {
    kind: "choice",
    says: "What became of a message, or of a policy's call by time.",
    values: ["spliced", "passed", "replaced", "dropped", "closed", "failed", "sent", "renewed"],
  },
  size: {
    kind: "size",
    says: "Bytes of the message, of both bodies of a request, of a whole session at its end.",
  },
  duration: { kind: "duration", says: "How long it took; of a session's end, how long it was open." },
  status: {
    kind: "number",
    says: "The status of an upgrade or a plain request; `4xx` for all of 400 to 499.",
  },
  close: { kind: "number", says: "The code of a session's end." },
  reason: { kind: "text", says: "The reason of a session's end." },
  rule: { kind: "name", says: "The rule that was broken." },
  cause: { kind: "name", says: "On what grounds a session ended." },
  refusal: { kind: "name", says: "Why an upgrade or a request was refused, e.g. `ERR_NO_ROUTE`." },
  method: { kind: "name", says: "The request's method." },
  path: { kind: "text", says: "Path and query of the session's request." },
  host: { kind: "text", says: "The host that the client asked for." },
  header: {
    kind: "text",
    hasKey: true,
    says: "A header field of the upgrade or request, e.g. `header.origin:example`.",
  },
  subprotocol: { kind: "name", says: "The subprotocol that was agreed on." },
  client: {
    kind: "client",
    says: "The client's address, its first groups, or a network such as `10.0.0.0/8`.",
  },
  server: { kind: "text", says: "The URL of the server." },
  node: { kind: "name", says: "The gateway of the fleet that recorded it." },
  marked: {
    kind: "choice",
    says: "Whether somebody has marked it; `marked` alone: yes.",
    values: ["yes", "no"],
  },
  note: { kind: "text", says: "What somebody has written beside it, e.g. `note:/todo|ask/i`." },
  text: { kind: "text", says: "In a payload, a path, a header field, a reason; as without a field." },
} as const satisfies Readonly<Record<string, FilterField>>;

export type FieldName = keyof typeof filterFields;

export const fieldNames = Object.keys(filterFields) as readonly FieldName[];

export function fieldOf(name: FieldName): FilterField {
  return filterFields[name];
}

/** Fields by what the console's columns are called. */
const FIELD_ALIASES: Readonly<Record<string, FieldName>> = {
  from: "origin",
  type: "opcode",
  length: "size",
  took: "duration",
  machine: "node",
};

/** All by which a field is known. */
export const fieldWords: readonly string[] = [...fieldNames, ...Object.keys(FIELD_ALIASES)];

/** The field that is named so, in whatever case, or as its column is. */
export function findFieldName(name: string): FieldName | undefined {
  const known = name.toLowerCase();
  if (Object.hasOwn(filterFields, known)) return known as FieldName;
  return Object.hasOwn(FIELD_ALIASES, known) ? FIELD_ALIASES[known] : undefined;
}
