import type { IncomingMessage } from "node:http";
import type { RequestContext } from "../../sandbox/contract.ts";
import type { RouteConfig } from "../config/index.ts";
import type { SpanContext } from "../events.ts";
import { endToEnd, type HeaderFields, readRawHeaders } from "../net/headers.ts";
import type { Target } from "../net/target.ts";
import { applyRules } from "./header-rules.ts";
import { forwardedFields, type Sender } from "./sender.ts";
import { formatTraceparent, replacedFields } from "./trace-context.ts";

/** A request on its way through a route. */
export interface Exchange {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly context: RequestContext;
  readonly sender: Sender;
  /** With telemetry: the gateway's span, which the server's hangs below. */
  readonly trace?: SpanContext;
}

/** The id that goes with a request to the server and back to the client; undefined when the route sends none. */
export function requestIdField(
  { requestId }: RouteConfig,
  id: string,
  headers: IncomingMessage["headers"],
): readonly [name: string, value: string] | undefined {
  if (requestId === undefined) return undefined;
  const given = requestId.isTrusted ? headers[requestId.header] : undefined;
  // Printable, of one line and short: it ends up in the logs of others.
  const isFit = typeof given === "string" && /^[\x21-\x7e]{1,128}$/.test(given);
  return [requestId.header, isFit ? given : id];
}

/** The fields of the request to the server, as the route has them: the client's own, but for those of its hop. */
export function requestFieldsOf(
  exchange: Exchange,
  config: RouteConfig,
  target: Target,
  scheme: "ws" | "http",
  without: readonly string[] = [],
): HeaderFields {
  const { request, sender, trace } = exchange;
  const id = requestIdField(config, exchange.id, request.headers);
  const ours = ["host", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded", ...without];
  if (trace !== undefined) ours.push(...replacedFields(trace));
  const fields: HeaderFields = [
    ["Host", hostOf(config.hostHeader, target, sender)],
    ...endToEnd(readRawHeaders(request.rawHeaders), id === undefined ? ours : [...ours, id[0]]),
    ...forwardedFields(sender, config.forwarded, scheme),
    ...(id === undefined ? [] : [id]),
    ...(trace === undefined ? [] : [["traceparent", formatTraceparent(trace)] as const]),
  ];
  return applyRules(fields, config.headers.request, exchange);
}

/** The fields of the answer to the client: the server's own, but for those of its hop. */
export function responseFieldsOf(
  exchange: Exchange,
  config: RouteConfig,
  answer: HeaderFields,
  without: readonly string[] = [],
): HeaderFields {
  const id = requestIdField(config, exchange.id, exchange.request.headers);
  const fields: HeaderFields = [
    ...endToEnd(answer, id === undefined ? without : [...without, id[0]]),
    ...(id === undefined ? [] : [id]),
  ];
  return applyRules(fields, config.headers.response, exchange);
}

function hostOf(choice: string, target: Target, sender: Sender): string {
  switch (choice) {
    case "upstream":
      return target.authority;
    case "client":
      return sender.host;
    default:
      return choice;
  }
}
