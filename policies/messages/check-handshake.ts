import type { Request } from "framegate/policy";
import { describeErrors } from "../standard/lib/json-check.ts";
import { validatorWithin } from "./check-side.ts";
import type { HandshakeDescription, MessageDescription } from "./description.ts";

type Texts = Readonly<Record<string, string>>;

const textsOf: Readonly<Record<keyof HandshakeDescription, (request: Request) => Texts>> = {
  params: ({ params }) => params,
  query: ({ query }) => query,
  headers: ({ headers }) => Object.fromEntries(headers),
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
      const { valid, errors } = validator.validate(readTexts(textsOf[part](request), schema));
      if (valid) continue;
      const [first] = describeErrors(errors);
      return `the ${NAMES[part]} do not fit: ${first === undefined ? "" : `${first.path} ${first.message}`}`;
    }
    return undefined;
  };
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { readonly type?: unknown } | boolean>>;
}

/** A request has nothing but texts: one that should be a number or a boolean, and can be read as that, is one. */
function readTexts(texts: Texts, schema: object | boolean): object {
  const { properties = {} } = (schema === true ? {} : schema) as ObjectSchema;
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return [name, typeof property === "object" ? readText(text, property.type) : text];
    }),
  );
}

function readText(text: string, type: unknown): unknown {
  if (type === "number" || type === "integer")
    return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : text;
  if (type === "boolean") return text === "true" || (text === "false" ? false : text);
  return text;
}
