import type { RequestContext } from "../../sandbox/contract.ts";
import type { UpstreamConfig } from "../config/index.ts";

/** What an upstream hashes a connection by; undefined when the connection has no such thing. */
export function hashKeyOf(
  balance: UpstreamConfig["balance"],
  { request, client }: RequestContext,
  attributes: Readonly<Record<string, unknown>>,
): string | undefined {
  if (balance.kind !== "hash") return undefined;
  const { name } = balance;
  switch (balance.by) {
    case "address":
      return client.address;
    case "header":
      return request.headers.find(([header]) => header.toLowerCase() === name)?.[1];
    case "param":
      return ownValue(request.params, name) ?? ownValue(request.query, name);
    case "attribute": {
      const value = Object.hasOwn(attributes, name) ? attributes[name] : undefined;
      return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
    }
  }
}

function ownValue(values: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
