import { isObject } from "../../../policies/is-object.ts";
import type { SideDescription } from "../../../policies/messages/description.ts";
import type { Inferred, InferredKind, InferredSide } from "./infer.ts";

/** A `$ref` refers wherever it is, and readers of documents do not keep the other: a client could break the document by them. */
const UNSAYABLE = ["$ref", "__proto__"];

/** Without the members that no AsyncAPI document can have; that they are left out is a doubt. */
export function sayable({ messages, sides }: Inferred): Inferred {
  const client = sayableSide(messages.client, sides.client);
  const server = sayableSide(messages.server, sides.server);
  return {
    messages: { client: client.description, server: server.description },
    sides: { client: client.seen, server: server.seen },
  };
}

interface Side {
  readonly description: SideDescription;
  readonly seen: InferredSide;
}

function sayableSide({ discriminator, messages, ...others }: SideDescription, seen: InferredSide): Side {
  const doubts = new Map<string, readonly string[]>();
  const kept = Object.entries(messages).map(([name, message]) => {
    const places: string[] = [];
    const schema = withoutMembers(message.schema, "", places) as object;
    const left = places.map((place) => `${place} cannot be said in AsyncAPI, and is left out`);
    doubts.set(name, left);
    return [name, { ...message, schema }] as const;
  });
  const tellsApart = discriminator !== undefined && !UNSAYABLE.includes(discriminator);
  const addDoubts = (kind: InferredKind) => ({
    ...kind,
    doubts: [...kind.doubts, ...(doubts.get(kind.name) ?? [])],
  });
  return {
    description: { ...(tellsApart && { discriminator }), messages: Object.fromEntries(kept), ...others },
    seen: { ...seen, kinds: seen.kinds.map(addDoubts) },
  };
}

/** @param left where the members were */
function withoutMembers(schema: unknown, place: string, left: string[]): unknown {
  if (!isObject(schema)) return schema;
  const { properties, required, items, additionalProperties } = schema;
  const within = (part: unknown) => withoutMembers(part, `${place}/*`, left);
  return {
    ...schema,
    ...(Array.isArray(required) && { required: required.filter((name) => !UNSAYABLE.includes(name)) }),
    ...(isObject(properties) && { properties: membersWithout(properties, place, left) }),
    ...(items !== undefined && { items: within(items) }),
    ...(additionalProperties !== undefined && { additionalProperties: within(additionalProperties) }),
  };
}

function membersWithout(
  properties: Readonly<Record<string, unknown>>,
  place: string,
  left: string[],
): object {
  const said = Object.entries(properties).filter(([name]) => {
    const isSayable = !UNSAYABLE.includes(name);
    if (!isSayable) left.push(`${place}/${name}`);
    return isSayable;
  });
  return Object.fromEntries(
    said.map(([name, member]) => [name, withoutMembers(member, `${place}/${name}`, left)]),
  );
}
