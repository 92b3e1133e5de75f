import type { Side } from "../../sandbox/contract/hooks.ts";
import type { MirrorConfig } from "../config/index.ts";
import { type HeaderFields, withoutCredentials } from "../net/headers.ts";
import type { Target } from "../net/target.ts";
import { foldName, isUsualSecretHeader, isUsualSecretParameter } from "../redaction/secret-names.ts";
import type { UpgradeDecision } from "../request/decision.ts";
import type { Routed } from "../request/exchange.ts";
import { serverRequest } from "../request/server-request.ts";
import type { ServerRequest } from "../upstream/reach-server.ts";
import { requestFields } from "./server-handshake.ts";

/** How the mirror of a session is asked, as often as it takes. */
export interface MirrorRequest {
  readonly config: MirrorConfig;
  server(signal: ServerRequest["signal"]): ServerRequest;
  fields(target: Target, way: MirrorWay): HeaderFields;
}

export interface MirrorWay {
  /** Whose messages follow. */
  readonly origin: Side;
  /** Sec-WebSocket-Key */
  readonly key: string;
  /** A redirect led away from the server that was meant. */
  readonly isForeign: boolean;
}

/** Names that a mirror is told more by: what a client says of itself under them does not go there. */
const OWN_FIELDS = ["framegate-mirror", "framegate-session", "sec-websocket-key"];

/** Without them it is no handshake (RFC 6455 section 4.1), whatever the log hides of them. */
const HANDSHAKE_FIELDS = ["host", "connection", "upgrade", "sec-websocket-version", "sec-websocket-protocol"];

/** Where the route lets its server take as long as it takes. */
const TIMEOUT_MS = 10_000;

/** By the route as it is now. Undefined: nobody gets copies of this session. */
export function sampleMirror(
  { routed, decision }: { readonly routed: Routed; readonly decision: UpgradeDecision },
  subprotocol: string,
): MirrorRequest | undefined {
  const { mirror } = routed.runtime.config;
  if (mirror === undefined || Math.random() >= mirror.sample) return undefined;
  const { subprotocol: _, connect: __, ...rest } = decision;
  const { id } = routed.exchange;
  const subprotocols = subprotocol === "" ? [] : [subprotocol];
  return {
    config: mirror,
    server(signal) {
      const request = serverRequest(routed, rest, signal);
      const { connectTimeoutMs, handshakeTimeoutMs, ...place } = request.route;
      const route = {
        ...place,
        upstream: mirror.upstream,
        // Those of other sessions wait behind one that does not answer.
        connectTimeoutMs: connectTimeoutMs || TIMEOUT_MS,
        handshakeTimeoutMs: handshakeTimeoutMs || TIMEOUT_MS,
      };
      return {
        ...request,
        route,
        url: mirror.sendsCredentials ? request.url : withoutSecrets(request.url, mirror),
      };
    },
    fields(target, { origin, key, isForeign }) {
      const all = requestFields({ routed, decision: rest, subprotocols }, target, undefined);
      const shown = mirror.sendsCredentials ? all : all.filter(([name]) => !isSecretHeader(name, mirror));
      return [
        ...(isForeign ? withoutCredentials(shown) : shown).filter(
          ([name]) => !OWN_FIELDS.includes(name.toLowerCase()),
        ),
        ["Sec-WebSocket-Key", key],
        ["Framegate-Mirror", origin],
        ["Framegate-Session", id],
      ];
    },
  };
}

/** What is secret to the log is to the mirror; the usual secrets are, whatever the log shows. */
function isSecretHeader(name: string, { secrets }: MirrorConfig): boolean {
  const lower = name.toLowerCase();
  if (HANDSHAKE_FIELDS.includes(lower)) return false;
  return isUsualSecretHeader(name) || secrets.headers.some((each) => each.toLowerCase() === lower);
}

function isSecretParameter(name: string, { secrets }: MirrorConfig): boolean {
  const folded = foldName(name);
  return isUsualSecretParameter(name) || secrets.query.some((each) => foldName(each) === folded);
}

/** A request target without the parameters that are called as secrets are; all else stays as it is. */
function withoutSecrets(url: string, mirror: MirrorConfig): string {
  const mark = url.indexOf("?");
  if (mark === -1) return url;
  const parameters = url.slice(mark + 1).split("&");
  const shown = parameters.filter((parameter) => {
    const [[name = ""] = []] = new URLSearchParams(parameter);
    return !isSecretParameter(name, mirror);
  });
  return shown.length === 0 ? url.slice(0, mark) : `${url.slice(0, mark)}?${shown.join("&")}`;
}
