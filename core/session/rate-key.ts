import type { RateConfig } from "../config/index.ts";

/** What a key may be taken from: the upgrade context that the hooks read. */
interface KeyContext {
  readonly request: { readonly headers: readonly (readonly [string, string])[] };
  readonly client: { readonly address: string };
  readonly attributes: Readonly<Record<string, unknown>>;
}

/**
 * Who shares a bucket with this connection: all with the same text. A connection that lacks the header or attribute
 * goes by its address.
 *
 * @param context JSON of the upgrade context
 * @returns undefined: nobody
 */
export function findRateKey(
  rate: RateConfig,
  side: "client" | "server",
  route: string,
  context: string,
): string | undefined {
  const { source, name } = rate.key;
  if (source === "connection") return undefined;
  const { request, client, attributes } = JSON.parse(context) as KeyContext;
  const found =
    source === "header"
      ? request.headers.find(([field]) => field.toLowerCase() === name)?.[1]
      : source === "attribute" && Object.hasOwn(attributes, name)
        ? attributes[name]
        : undefined;
  const value = found === undefined || found === null ? ["address", client.address] : [source, found];
  // With the limit, so that another one after a reload begins anew.
  return JSON.stringify([route, side, rate, ...value]);
}
