import { isObject } from "../../../policies/is-object.ts";
import type { HandshakeDescription } from "../../../policies/messages/description.ts";
import { DescriptionError } from "../errors.ts";
import type { PlainSchemas } from "../plain-schemas.ts";
import { parameterName } from "./channels.ts";
import type { Channel } from "./document.ts";

/** What a channel says of the request for a connection: its parameters, and the WebSocket binding (0.1.0). */
export function readHandshake(channel: Channel, schemas: PlainSchemas): HandshakeDescription | undefined {
  const binding = channel
    .bindings()
    .all()
    .find((each) => each.protocol() === "ws")
    ?.json();
  const { method, query, headers } = (isObject(binding) ? binding : {}) as Readonly<Record<string, unknown>>;
  if (typeof method === "string" && method !== "GET") {
    const message = `${channel.jsonPath()}/bindings/ws/method: Expected GET, for which RFC 6455 (4.1) has the handshake, got ${method}.`;
    throw new DescriptionError("ERR_DESCRIPTION_FORMAT", message);
  }
  const handshake = {
    ...paramsOf(channel, schemas),
    ...(query === undefined ? {} : { query: schemas.plain(query) }),
    ...(headers === undefined ? {} : { headers: inLowerCase(schemas.plain(headers)) }),
  };
  return Object.keys(handshake).length === 0 ? undefined : handshake;
}

function paramsOf(channel: Channel, schemas: PlainSchemas): HandshakeDescription {
  const properties = channel
    .parameters()
    .all()
    .map(
      (parameter) =>
        [parameterName(parameter.id()), schemas.plain(withoutGaps(parameter.schema()?.json()))] as const,
    )
    .filter(([, schema]) => isObject(schema) && Object.keys(schema).some((key) => key !== "type"));
  return properties.length === 0
    ? {}
    : { params: { type: "object", properties: Object.fromEntries(properties) } };
}

/** Of AsyncAPI 3 the parser makes a schema with each member that there may be. */
function withoutGaps(schema: unknown): unknown {
  if (!isObject(schema)) return schema;
  return Object.fromEntries(Object.entries(schema).filter(([, value]) => value !== undefined));
}

/** Names of header fields are the same in any case (RFC 9110, 5.1); a policy reads them in lower case. */
function inLowerCase(schema: object | boolean): object | boolean {
  if (!isObject(schema)) return schema;
  const { properties, required } = schema as Readonly<Record<string, unknown>>;
  return {
    ...schema,
    ...(isObject(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, value]) => [name.toLowerCase(), value]),
      ),
    }),
    ...(Array.isArray(required) && { required: required.map((name) => String(name).toLowerCase()) }),
  };
}
