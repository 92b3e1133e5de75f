import { isObject } from "../../../policies/is-object.ts";
import type { MessageDescription, SideDescription } from "../../../policies/messages/description.ts";
import { jsonOf } from "../../../policies/standard/lib/json-check.ts";
import type { Side } from "../../../sandbox/contract/hooks.ts";
import type { MessageLine } from "../../recording/format.ts";
import { doubtsOf } from "./doubts.ts";
import { type MessageKind, sortIntoKinds } from "./kinds.ts";
import { schemaOf } from "./shape-schema.ts";

/** What messages of a recording have been like. */
export interface Inferred {
  readonly messages: Pick<MessageDescription, "client" | "server">;
  readonly sides: Readonly<Record<Side, InferredSide>>;
}

export interface InferredSide {
  readonly count: number;
  /** Messages that are no JSON. */
  readonly others: number;
  /** Messages of which the recording has a part only: nothing is made of them. */
  readonly cut: number;
  readonly kinds: readonly InferredKind[];
}

export interface InferredKind {
  readonly name: string;
  readonly count: number;
  readonly doubts: readonly string[];
}

export function inferMessages(lines: readonly MessageLine[]): Inferred {
  const read = { client: readSide(lines, "client"), server: readSide(lines, "server") };
  return {
    messages: { client: read.client.description, server: read.server.description },
    sides: { client: read.client.seen, server: read.server.seen },
  };
}

function readSide(lines: readonly MessageLine[], side: Side) {
  const own = lines.filter(({ origin }) => origin === side);
  const whole = own.filter(({ body }) => body.length === undefined);
  const bodies = whole.map(jsonOfLine).filter((body) => body !== undefined);
  const { discriminator, kinds } = sortIntoKinds(bodies.map(({ value }) => value));
  const others = whole.length - bodies.length;
  const tellsApart = discriminator !== undefined && kinds.every(({ value }) => value !== undefined);
  const description: SideDescription = {
    ...(tellsApart && { discriminator }),
    messages: Object.fromEntries(
      kinds.map((kind) => [
        kind.name,
        { ...(tellsApart && { values: [kind.value] }), schema: schemaOfKind(kind, discriminator) },
      ]),
    ),
    ...(others > 0 && { passesOthers: true }),
  };
  const seen: InferredSide = {
    count: own.length,
    others,
    cut: own.length - whole.length,
    kinds: kinds.map(({ name, shape }) => ({ name, count: shape.count, doubts: doubtsOf(shape) })),
  };
  return { description, seen };
}

function jsonOfLine({ body }: MessageLine): { readonly value: unknown } | undefined {
  return jsonOf({ body: "text" in body ? body.text : Buffer.from(body.base64, "base64") });
}

function schemaOfKind({ shape, value }: MessageKind, discriminator: string | undefined): object {
  const schema = schemaOf(shape);
  if (value === undefined || discriminator === undefined) return schema;
  const { properties } = schema as { readonly properties?: unknown };
  return {
    ...schema,
    properties: { ...(isObject(properties) && properties), [discriminator]: { const: value } },
  };
}
