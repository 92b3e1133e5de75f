import type { RouteConfig } from "../config/index.ts";
import { endToEnd, type HeaderFields, readRawHeaders } from "../net/headers.ts";
import type { Target } from "../net/target.ts";
import type { Routed } from "./exchange.ts";
import { applyRules } from "./header-rules.ts";
import { forwardedFields, type Sender } from "./sender.ts";
import { formatTraceparent, replacedFields } from "./trace-context.ts";

/** Which fields of the client's do not go on, beside those of its hop and those that the gateway writes itself. */
interface RequestFieldsOptions {
  readonly scheme: "ws" | "http";
  readonly without: readonly string[];
}

/** The fields of the request to the server, as the route has them: the client's own, but for those of its hop. */
export function requestFieldsOf(
  { exchange, config, context }: Routed,
  target: Target,
  { scheme, without }: RequestFieldsOptions,
): HeaderFields {
  const { id, request, requestId, sender, trace } = exchange;
  const fields: HeaderFields = [
    ["Host", hostOf(config.hostHeader, target, sender)],
    ...endToEnd(readRawHeaders(request.rawHeaders), [
      ...["host", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "forwarded", ...without],
      ...(trace === undefined ? [] : replacedFields(trace)),
      ...(requestId === undefined ? [] : [requestId[0]]),
    ]),
    ...forwardedFields(sender, config.forwarded, scheme),
    ...(requestId === undefined ? [] : [requestId]),
    ...(trace === undefined ? [] : [["traceparent", formatTraceparent(trace)] as const]),
  ];
  return applyRules(fields, config.headers.request, { id, context });
}

/** The fields of the answer to the client: the server's own, but for those of its hop. */
export function responseFieldsOf({ exchange, config, context }: Routed, answer: HeaderFields): HeaderFields {
  const { id, requestId } = exchange;
  const fields: HeaderFields = [
    ...endToEnd(answer, requestId === undefined ? [] : [requestId[0]]),
    ...(requestId === undefined ? [] : [requestId]),
  ];
  return applyRules(fields, config.headers.response, { id, context });
}

/** Who is reached by TLS has shown a certificate for its name; of a socket's, its URL says nothing but the name. */
function hasNameOfItsOwn({ tls, socketPath }: Target): boolean {
  return tls || socketPath !== undefined;
}

function hostOf(choice: RouteConfig["hostHeader"], target: Target, sender: Sender): string {
  switch (choice) {
    case "auto":
      return hasNameOfItsOwn(target) || sender.host === "" ? target.authority : sender.host;
    case "upstream":
      return target.authority;
    case "client":
      return sender.host;
    default:
      return choice;
  }
}
