import type { Close, JsonObject, Log, Message, MessageHookContext, Upgrade } from "framegate/policy";
import type { JSONPathQuery, JSONValue } from "json-p3";
import { textOf } from "./lib/contents.ts";
import { compilePath, PATH_SCHEMA } from "./lib/json-paths.ts";
import { lookUp, PLACE_SCHEMA } from "./lib/lookups.ts";
import { perOptions } from "./lib/per-options.ts";

/** Writes chosen fields of connections and messages to the gateway's log, a line of JSON each. */
interface Options {
  readonly connection: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, string>>;
  readonly level: "debug" | "info" | "warn";
}

export const optionsSchema = {
  type: "object",
  properties: {
    connection: {
      type: "object",
      additionalProperties: PLACE_SCHEMA,
      default: { address: "client.address" },
      description:
        "What every line has of the connection: names, and places such as `attributes.user` or `headers.user-agent`.",
    },
    fields: {
      type: "object",
      additionalProperties: PATH_SCHEMA,
      default: {},
      description:
        "What a message's line has of it: names, and JSONPaths (RFC 9535) such as `$.type`. Only texts, numbers and booleans are written.",
    },
    level: { enum: ["debug", "info", "warn"], default: "info", description: "The level of the lines." },
  },
  additionalProperties: false,
};

const pathsOf = perOptions(({ fields }: Options) =>
  Object.entries(fields).map(([name, path]) => ({ name, path: compilePath(path) })),
);

export const upgrade: Upgrade<Options> = (context) => {
  pathsOf(context.options);
  write(context, "upgrade", context, { path: context.request.path });
};

const message: Message<Options> = (context) => {
  const { origin, length, sequence } = context.frame;
  write(context, origin, context.websock.context, { sequence, bytes: length, ...readFields(context) });
};

export const client = message;
export const server = message;

export const close: Close<Options> = (context) => {
  const { code, reason, initiator, duration, messages, bytes, websock } = context;
  write(context, "close", websock.context, { code, reason, initiator, duration, messages, bytes });
};

function write(
  { options, log }: { readonly options: Options; readonly log: Log },
  event: string,
  connection: Parameters<typeof lookUp>[0],
  details: JsonObject,
): void {
  const known = Object.entries(options.connection).map(([name, place]) => [name, lookUp(connection, place)]);
  log[options.level](JSON.stringify({ event, ...Object.fromEntries(known), ...details }));
}

function readFields({ content, options }: MessageHookContext<Options>): JsonObject {
  const paths = pathsOf(options);
  const text = paths.length === 0 ? undefined : textOf(content);
  if (text === undefined) return {};
  try {
    const document: JSONValue = JSON.parse(text);
    return Object.fromEntries(paths.map(({ name, path }) => [name, firstPlain(path, document)]));
  } catch {
    return {};
  }
}

const MAX_TEXT = 200;

function firstPlain(path: JSONPathQuery, document: JSONValue): string | number | boolean | undefined {
  const [value] = path.query(document).values();
  if (typeof value === "string") return value.slice(0, MAX_TEXT);
  return typeof value === "number" || typeof value === "boolean" ? value : undefined;
}
