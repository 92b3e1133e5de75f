import type { ConnectionContext } from "../../../sandbox/contract.ts";
import type { RateConfig } from "../../config/index.ts";
import { firstHeader } from "../../net/headers.ts";
import { ownValue } from "../../net/own-value.ts";

/**
 * Who shares a bucket with this connection: all with the same text. A connection that lacks the header or attribute
 * goes by its address.
 *
 * @returns undefined: nobody
 */
export function findRateKey(
  rate: RateConfig,
  side: "client" | "server",
  route: string,
  { request, client, attributes }: ConnectionContext,
): string | undefined {
  const { source, name } = rate.key;
  if (source === "connection") return undefined;
  const found =
    source === "header"
      ? firstHeader(request.headers, name)
      : source === "attribute"
        ? ownValue(attributes, name)
        : undefined;
  const value = found === undefined || found === null ? ["address", client.address] : [source, found];
  // With the limit, so that another one after a reload begins anew.
  return JSON.stringify([route, side, rate, ...value]);
}
