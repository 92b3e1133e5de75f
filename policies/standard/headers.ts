import type { HeaderChanges, Upgrade, UpgradeHookContext } from "framegate/policy";
import { fillTemplate } from "./lib/lookups.ts";

type Values = Readonly<Record<string, string | null>>;

/** Changes the headers of the request to the server, and of the answer to the client. */
interface Options {
  readonly request: Values;
  readonly response: Values;
}

const VALUES = {
  type: "object",
  propertyNames: { pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$" },
  additionalProperties: { type: ["string", "null"], pattern: "^[^\\r\\n\\u0000]*$" },
  default: {},
};

export const optionsSchema = {
  type: "object",
  properties: {
    request: {
      ...VALUES,
      description:
        "For the server: each header with its value, or `null` to remove it. `{attributes.user}`, `{client.address}`, `{params.room}`, `{query.v}`, `{headers.host}` and `{id}` stand for what is there; where one is missing, the header is removed.",
    },
    response: { ...VALUES, description: "The same for the 101 that the client gets." },
  },
  additionalProperties: false,
};

export const upgrade: Upgrade<Options> = (connection) => ({
  headers: fill(connection, connection.options.request),
  responseHeaders: fill(connection, connection.options.response),
});

/** A header whose value is not known is removed, for else the client's own would pass as the gateway's. */
function fill(connection: UpgradeHookContext<Options>, wanted: Values): HeaderChanges {
  return Object.fromEntries(
    Object.entries(wanted).map(([name, template]) => {
      const value = template === null ? undefined : fillTemplate(connection, template);
      return [name, value === undefined || /[^\t\x20-\x7e\x80-\xff]/.test(value) ? null : value];
    }),
  );
}
