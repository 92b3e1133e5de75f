import type { Request } from "framegate/policy";
import { describeErrors } from "../standard/lib/json-check.ts";
import { validatorWithin } from "./check-side.ts";
import type { HandshakeDescription, MessageDescription } from "./description.ts";

type Values = Readonly<Record<string, string | readonly string[]>>;

const valuesOf: Readonly<Record<keyof HandshakeDescription, (request: Request) => Values>> = {
  params: ({ params }) => params,
  query: ({ queryAll }) => queryAll,
  // A field that comes more than once is one list (RFC 9110, 5.3).
  headers: ({ headers }) => Object.fromEntries(headers.keys().map((name) => [name, headers.get(name) ?? ""])),
};
const NAMES: Readonly<Record<keyof HandshakeDescription, string>> = {
  params: "path",
  query: "query",
  headers: "header fields",
};

/** @returns what finds out what is wrong with a request for a connection; undefined when nothing is */
export function createHandshakeCheck({
  handshake = {},
  definitions,
}: MessageDescription): (request: Request) => string | undefined {
  const parts = (["params", "query", "headers"] as const).flatMap((part) => {
    const schema = handshake[part];
    return schema === undefined ? [] : [{ part, schema, validator: validatorWithin(schema, definitions) }];
  });
  return (request) => {
    for (const { part, schema, validator } of parts) {
      const { valid, errors } = validator.validate(readValues(valuesOf[part](request), schema));
      if (valid) continue;
      const [first] = describeErrors(errors);
      return `the request does not fit: ${NAMES[part]}: ${first === undefined ? "" : `${first.path} ${first.message}`.trim()}`;
    }
    return undefined;
  };
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { readonly type?: unknown } | boolean>>;
}

/** A request has nothing but texts: one that should be a number or a boolean, and can be read as that, is one. */
function readValues(values: Values, schema: object | boolean): object {
  const { properties = {} } = (schema === true ? {} : schema) as ObjectSchema;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      const type = typeof property === "object" ? property.type : undefined;
      if (typeof value === "string") return [name, readText(value, type)];
      // One that comes twice is a list: who reads the first takes it for another than who reads the last.
      const [only = "", ...others] = value;
      return [name, type === "array" || others.length > 0 ? value : readText(only, type)];
    }),
  );
}

function readText(text: string, type: unknown): unknown {
  if (type === "number" || type === "integer")
    return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : text;
  if (type === "boolean") return text === "true" || (text === "false" ? false : text);
  return text;
}
