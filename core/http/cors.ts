import type { HeaderFields } from "../net/headers.ts";
import { originsOf } from "../request/admit.ts";
import type { Routed } from "../request/exchange.ts";
import { isOriginAllowed } from "../request/origin.ts";

/**
 * What a browser is told about plain HTTP on the route (Fetch standard, section 3.2).
 *
 * @returns undefined when the route says nothing about it
 */
export function corsFields({ exchange, config }: Routed): HeaderFields | undefined {
  const { cors } = config;
  if (cors === undefined) return undefined;
  const { origin } = exchange.request.headers;
  const allow = cors.origins ?? originsOf({ exchange, config });
  const vary = ["vary", "Origin"] as const;
  if (origin === undefined || !isOriginAllowed(origin, exchange.sender, { allow, isRequired: true }))
    return [vary];
  const isAny = allow.includes("*") && !cors.credentials;
  return [
    ["access-control-allow-origin", isAny ? "*" : origin],
    ...(isAny ? [] : [vary]),
    ...(cors.credentials ? [["access-control-allow-credentials", "true"] as const] : []),
    ...(cors.exposedHeaders.length > 0
      ? [["access-control-expose-headers", cors.exposedHeaders.join(", ")] as const]
      : []),
  ];
}

/** The answer to a preflight; undefined for any other request. */
export function preflightFields(routed: Routed): HeaderFields | undefined {
  const { request } = routed.exchange;
  const asked = request.headers["access-control-request-method"];
  const fields = corsFields(routed);
  const { cors } = routed.config;
  if (cors === undefined || fields === undefined || request.method !== "OPTIONS" || asked === undefined)
    return undefined;
  if (!fields.some(([name]) => name === "access-control-allow-origin")) return fields;
  const headers = cors.allowedHeaders?.join(", ") ?? request.headers["access-control-request-headers"];
  return [
    ...fields.filter(([name]) => name !== "access-control-expose-headers"),
    ["access-control-allow-methods", cors.methods.join(", ")],
    ...(headers ? [["access-control-allow-headers", headers.toString()] as const] : []),
    ...(cors.maxAgeSeconds === undefined
      ? []
      : [["access-control-max-age", String(cors.maxAgeSeconds)] as const]),
  ];
}
