import type {
  Json,
  Message,
  MessageHookContext,
  MessageVerdict,
  NewMembers,
  Upgrade,
} from "framegate/policy";
import { replaceText, textOf } from "./lib/contents.ts";
import { parseExactly, sourceOf } from "./lib/exact-json.ts";
import { compilePath, findPlaces, type Held, PATH_SCHEMA, setAt } from "./lib/json-paths.ts";
import { PLACE_SCHEMA, valueAt } from "./lib/lookups.ts";
import { perOptions } from "./lib/per-options.ts";
import { parseTopLevel, topLevelNames } from "./lib/top-level.ts";

type Operation =
  | { readonly set: string; readonly value: Json }
  | { readonly set: string; readonly from: string }
  | { readonly remove: string }
  | { readonly rename: string; readonly to: string };

/** Sets, removes and renames members of JSON messages. */
interface Options {
  readonly client: readonly Operation[];
  readonly server: readonly Operation[];
  readonly unreadable: "close" | "pass";
}

type Connection = MessageHookContext["websock"]["context"];
type Apply = (held: Held, connection: Connection) => void;

/** A path that ends in a name, for what is not there yet cannot be found otherwise. */
const NAMED = "^(\\$.*)(?:(?<!\\.)\\.([\\p{L}_][\\p{L}\\d_]*)|\\['([^'\\\\]*)'\\])$";

const shape = (properties: { readonly [name: string]: object }) => ({
  type: "object",
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const NAMED_SCHEMA = { type: "string", pattern: NAMED };

const operations = {
  type: "array",
  items: {
    oneOf: [
      shape({ set: NAMED_SCHEMA, value: {} }),
      shape({ set: NAMED_SCHEMA, from: PLACE_SCHEMA }),
      shape({ remove: PATH_SCHEMA }),
      shape({ rename: PATH_SCHEMA, to: { type: "string" } }),
    ],
  },
  default: [],
};

export const optionsSchema = {
  type: "object",
  properties: {
    client: {
      ...operations,
      description:
        'What is done to the client\'s messages, in order: `{ set: "$.path.name", value }`, `{ set: "$.path.name", from: "attributes.user" }`, `{ remove: "$.path" }` or `{ rename: "$.path", to: "name" }`. Paths are JSONPaths (RFC 9535) and may stand for many places.',
    },
    server: { ...operations, description: "The same for the server's messages." },
    unreadable: {
      enum: ["close", "pass"],
      default: "close",
      description: "What becomes of a message that is no JSON: `close` ends the connection (1007).",
    },
  },
  additionalProperties: false,
};

/** What is done to the messages of one side. */
interface Transform {
  readonly operations: readonly Apply[];
  /** The same for text messages, where all of it is to set and remove members at the top level. */
  readonly edit: ((connection: Connection) => NewMembers) | undefined;
}

const transformsOf = perOptions(({ client, server }: Options) => ({
  client: transformOf(client),
  server: transformOf(server),
}));

/** A path that is none shows here, and not at the first message. */
export const upgrade: Upgrade<Options> = ({ options }) => void transformsOf(options);
export const client: Message<Options> = (context) => transform(context, transformsOf(context.options).client);
export const server: Message<Options> = (context) => transform(context, transformsOf(context.options).server);

function transform(
  { content, options, websock }: MessageHookContext<Options>,
  { operations, edit }: Transform,
): MessageVerdict | undefined {
  if (operations.length === 0) return undefined;
  if (edit !== undefined && typeof content.body === "string") {
    const parsed = parseTopLevel(content.body);
    if (parsed === undefined) return unreadable(options);
    return parsed.members && { content: { set: edit(websock.context) } };
  }
  const text = textOf(content);
  const held = text === undefined ? undefined : parse(text);
  if (held === undefined) return unreadable(options);
  for (const apply of operations) apply(held, websock.context);
  const transformed = JSON.stringify(held.document ?? null);
  return transformed === text ? undefined : replaceText(content, transformed);
}

function unreadable(options: Options): MessageVerdict | undefined {
  return options.unreadable === "pass" ? undefined : { close: { code: 1007, reason: "JSON is expected" } };
}

function parse(text: string): Held | undefined {
  try {
    return { document: parseExactly(text) };
  } catch {
    return undefined;
  }
}

function transformOf(operations: readonly Operation[]): Transform {
  return { operations: operations.map(compile), edit: editOf(operations) };
}

function editOf(operations: readonly Operation[]): Transform["edit"] {
  const names = topLevelNames(
    operations.map((one) => ("set" in one ? one.set : "remove" in one ? one.remove : "")),
  );
  if (names === undefined) return undefined;
  return (connection) => {
    const members: Record<string, Json | undefined> = Object.create(null);
    for (const [i, operation] of operations.entries())
      members[names[i]!] = wantedValue(operation, connection);
    return members;
  };
}

/** Undefined: the member is removed. What is not known must not be what the sender says it is. */
function wantedValue(operation: Operation, connection: Connection): Json | undefined {
  if ("value" in operation) return operation.value;
  return "from" in operation ? (valueAt(connection, operation.from) as Json | undefined) : undefined;
}

function compile(operation: Operation): Apply {
  if ("remove" in operation) return remover(operation.remove);
  if ("rename" in operation) return renamer(operation.rename, operation.to);
  const [, parent, plain, quoted] = new RegExp(NAMED, "u").exec(operation.set)!;
  const path = compilePath(parent!);
  const key = (plain ?? quoted)!;
  return (held, connection) => {
    const value = wantedValue(operation, connection);
    for (const { holder, key: own } of findPlaces(path, held)) {
      const target = holder[own];
      if (typeof target !== "object" || target === null || Array.isArray(target)) continue;
      if (sourceOf(target) !== undefined) continue;
      if (value === undefined) delete (target as Record<string, unknown>)[key];
      else setAt({ holder: target as Record<string, unknown>, key }, value);
    }
  };
}

function remover(text: string): Apply {
  const path = compilePath(text);
  return (held) => {
    // From behind, for what stands behind a removed item moves up.
    for (const { holder, key } of findPlaces(path, held).toReversed()) {
      if (Array.isArray(holder)) holder.splice(key as number, 1);
      else delete holder[key];
    }
  };
}

function renamer(text: string, name: string): Apply {
  const path = compilePath(text);
  return (held) => {
    for (const { holder, key } of findPlaces(path, held)) {
      if (Array.isArray(holder) || holder === (held as object) || key === name) continue;
      const value = holder[key];
      delete holder[key];
      setAt({ holder, key: name }, value);
    }
  };
}
