import type { IncomingMessage } from "node:http";
import type { RouteConfig } from "../config/index.ts";
import type { HeaderFields } from "../net/headers.ts";
import { isOriginAllowed } from "../request/origin.ts";
import type { Sender } from "../request/sender.ts";

/**
 * What a browser is told about plain HTTP on the route (Fetch standard, section 3.2).
 *
 * @returns undefined when the route says nothing about it
 */
export function corsFields(
  config: RouteConfig,
  request: IncomingMessage,
  sender: Sender,
): HeaderFields | undefined {
  const { cors, origins } = config;
  if (cors === undefined) return undefined;
  const { origin } = request.headers;
  const allow = cors.origins ?? origins.allow;
  const vary = ["vary", "Origin"] as const;
  if (origin === undefined || !isOriginAllowed(origin, sender, { allow, isRequired: true })) return [vary];
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
export function preflightFields(
  config: RouteConfig,
  request: IncomingMessage,
  sender: Sender,
): HeaderFields | undefined {
  const asked = request.headers["access-control-request-method"];
  const fields = corsFields(config, request, sender);
  const { cors } = config;
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
