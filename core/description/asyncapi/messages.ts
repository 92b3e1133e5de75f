import { isObject } from "../../../policies/is-object.ts";
import type { Side } from "../../../sandbox/contract/hooks.ts";
import { freeName } from "../plain-schemas.ts";
import type { ApiMessage, AsyncApiDocument, Channel, Operation } from "./document.ts";

export interface FoundMessage {
  readonly message: ApiMessage;
  readonly schema: unknown;
  readonly isJson: boolean;
  /** Why it cannot be checked; undefined when it can be. */
  readonly hole: string | undefined;
}

type Found = Readonly<Record<Side, ReadonlyMap<string, FoundMessage>>>;

/**
 * The messages of each side, by name. The document tells what the application does that it describes: in AsyncAPI 3 (Operation
 * Object) `send` is what that sends and `receive` what it receives; in 2.6 (Channel Item Object) it is the other way round for the ear:
 * `subscribe` has the messages that it produces, and `publish` those that it consumes.
 */
export function findMessages(
  document: AsyncApiDocument,
  channels: readonly Channel[],
  describes: Side,
): Found {
  const ids = new Set(channels.map((channel) => channel.id()));
  const found = { client: new Map<string, FoundMessage>(), server: new Map<string, FoundMessage>() };
  const sender = (isOfApplication: boolean): Side =>
    isOfApplication === (describes === "server") ? "server" : "client";
  for (const operation of document.operations().all()) {
    if (
      !operation
        .channels()
        .all()
        .some((channel) => ids.has(channel.id()))
    )
      continue;
    const isSent = operation.isSend();
    for (const message of operation.messages().all()) add(found[sender(isSent)], message);
    for (const message of repliesOf(operation, ids)) add(found[sender(!isSent)], message);
  }
  return found;
}

/** A reply goes over this connection unless it has a channel of its own with an address elsewhere. */
function repliesOf(operation: Operation, ids: ReadonlySet<string>): readonly ApiMessage[] {
  const reply = operation.reply?.();
  const channel = reply?.channel();
  if (reply === undefined || (channel?.address() && !ids.has(channel.id()))) return [];
  const named = reply.messages().all();
  return named.length > 0 ? named : (channel?.messages().all() ?? []);
}

function add(found: Map<string, FoundMessage>, message: ApiMessage): void {
  const payload = message.payload()?.json();
  // AsyncAPI 3 (Multi Format Schema Object): a payload that says its format has its schema within.
  const schema =
    isObject(payload) && "schemaFormat" in payload && "schema" in payload ? payload.schema : payload;
  const name = nameOf(message);
  const isKnown = [...found.values()].some((each) => each.schema === schema && nameOf(each.message) === name);
  if (isKnown) return;
  const isJson = isJsonType(message.contentType());
  found.set(freeName(name, found), { message, schema, isJson, hole: holeOf(message, isJson) });
}

function nameOf(message: ApiMessage): string {
  // The parser numbers those without a name: in another order they would be others.
  const own = [message.id(), message.name()].find((name) => name !== undefined && !name.startsWith("<"));
  return own ?? message.title()?.replaceAll(/\s+/g, "") ?? "message";
}

/** As AsyncAPI leaves it open what a message is without a content type, it is JSON. */
function isJsonType(type: string | undefined): boolean {
  return type === undefined || /^[^;]*[/+]json\s*(?:;|$)/i.test(type);
}

function holeOf(message: ApiMessage, isJson: boolean): string | undefined {
  const format = message.schemaFormat();
  if (!isJson) return `its contentType is ${message.contentType()}, and what is checked is JSON`;
  if (!message.hasPayload()) return "it has no payload, so that anything may be one";
  if (format !== undefined && !isJsonSchema(format))
    return `its schemaFormat is ${format}, and what is checked is JSON Schema`;
  return undefined;
}

/** AsyncAPI's own schemas are a superset of JSON Schema's draft 7. */
function isJsonSchema(format: string): boolean {
  return /^application\/(?:vnd\.aai\.asyncapi(?:\+\w+)?(?:;|$)|schema(?:\+\w+)?;\s*version=draft-07)/.test(
    format,
  );
}
