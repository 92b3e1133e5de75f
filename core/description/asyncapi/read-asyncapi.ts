import { isObject } from "../../../policies/is-object.ts";
import type { MessageDescription, SideDescription } from "../../../policies/messages/description.ts";
import type { Side } from "../../../sandbox/contract/hooks.ts";
import { findDiscriminator } from "../discriminator.ts";
import { DescriptionError } from "../errors.ts";
import { createPlainSchemas } from "../plain-schemas.ts";
import { type MessageExample, type ReadDescription, SIDES } from "../read-description.ts";
import { chooseChannels, routePathOf } from "./channels.ts";
import type { AsyncApiDocument } from "./document.ts";
import { readHandshake } from "./handshake.ts";
import { type FoundMessage, findMessages } from "./messages.ts";

export interface ReadOptions {
  /** Which side of the connection the document is about. */
  readonly describes: Side;
  /** Names of channels; none for the only one. */
  readonly channels: readonly string[];
  /** Whether messages may pass that cannot be checked. */
  readonly passUnchecked: boolean;
}

/** @throws DescriptionError */
export function readAsyncApi(
  document: AsyncApiDocument,
  file: string,
  options: ReadOptions,
): ReadDescription {
  const channels = chooseChannels(document, options.channels, file);
  const found = findMessages(document, channels, options.describes);
  if (found.client.size + found.server.size === 0) {
    const names = channels.map((channel) => channel.id()).join(", ");
    const message = `${file}: no operation sends or receives messages of ${names}, so that nobody knows whose they are.`;
    throw new DescriptionError("ERR_DESCRIPTION_CHANNEL", message);
  }
  const holes = SIDES.flatMap((side) =>
    [...found[side]].flatMap(([name, { hole, message }]) =>
      hole === undefined ? [] : [`${name} (${message.jsonPath()}): ${hole}`],
    ),
  );
  if (holes.length > 0 && !options.passUnchecked) {
    const list = holes.map((hole) => `\n  ${hole}`).join("");
    const message = `${file} has messages that cannot be checked:${list}\nWith --pass-unchecked such messages pass unchecked; without, take them out of the document.`;
    throw new DescriptionError("ERR_DESCRIPTION_UNCHECKED", message);
  }
  const schemas = createPlainSchemas();
  const handshake = readHandshake(channels[0], schemas);
  const plain = { client: plainOf(found.client), server: plainOf(found.server) };
  const definitions = schemas.definitions();
  const messages: MessageDescription = {
    ...(handshake !== undefined && { handshake }),
    client: sideOf(found.client, plain.client, definitions),
    server: sideOf(found.server, plain.server, definitions),
    ...(Object.keys(definitions).length > 0 && { definitions }),
  };
  return {
    title: document.info().title(),
    path: routePathOf(channels[0]),
    messages,
    examples: SIDES.flatMap((side) => examplesOf(side, found[side])),
    unchecked: [...holes, ...SIDES.flatMap((side) => headersOf(found[side]))],
  };

  function plainOf(messages: ReadonlyMap<string, FoundMessage>): Readonly<Record<string, object | boolean>> {
    const checked = [...messages].filter(([, { hole }]) => hole === undefined);
    return Object.fromEntries(checked.map(([name, { schema }]) => [name, schemas.plain(schema)]));
  }
}

type Schemas = Readonly<Record<string, object | boolean>>;

function sideOf(
  found: ReadonlyMap<string, FoundMessage>,
  schemas: Schemas,
  definitions: Schemas,
): SideDescription {
  const discriminator = findDiscriminator(schemas, definitions);
  const messages = Object.entries(schemas).map(([name, schema]) => {
    const values = discriminator?.values[name];
    return [name, { ...(values !== undefined && { values }), schema }] as const;
  });
  const holes = [...found.values()].filter(({ hole }) => hole !== undefined);
  return {
    ...(discriminator !== undefined && { discriminator: discriminator.member }),
    messages: Object.fromEntries(messages),
    ...(holes.length > 0 && { passesOthers: true }),
    ...(holes.some(({ isJson }) => isJson) && { passesAll: true }),
  };
}

/** Those of the message, and those of its schema. */
function examplesOf(side: Side, found: ReadonlyMap<string, FoundMessage>): MessageExample[] {
  return [...found].flatMap(([message, { hole, message: described, schema }]) => {
    if (hole !== undefined) return [];
    const own = described
      .examples()
      .all()
      .map((example) => example.payload());
    const ofSchema = isObject(schema) && Array.isArray(schema.examples) ? schema.examples : [];
    const payloads = [...own.filter((payload) => payload !== undefined), ...ofSchema];
    return payloads.map((payload) => ({ side, message, payload }));
  });
}

function headersOf(found: ReadonlyMap<string, FoundMessage>): string[] {
  return [...found].flatMap(([name, { message }]) =>
    message.headers() === undefined ? [] : [`headers of ${name}: a message of a WebSocket has none`],
  );
}
