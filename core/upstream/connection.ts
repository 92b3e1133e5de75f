import type { Target } from "../net/target.ts";
import type { Transport } from "./dial/connect.ts";
import type { Dialled } from "./dial/dial.ts";
import { dialThrough } from "./dial/proxy-tunnel.ts";
import { headerValue } from "./dial/response-head.ts";
import { serverTarget } from "./dial/server-target.ts";
import { notAllowed, originOf, reachServer, type ServerRequest, type Way } from "./reach-server.ts";
import type { ServerName } from "./server-choice.ts";
import type { Upstream } from "./upstream.ts";
import type { UpstreamWays } from "./upstreams.ts";

export interface ConnectionRequest extends ServerRequest {
  /** The whole head of the request. @param isForeign a redirect led away from the server that was meant */
  head(target: Target, isForeign: boolean): string;
}

/** A server that has answered the handshake, whatever it said. */
export interface Connection extends Answered {
  /** Undefined for a plain URL. */
  readonly at: ServerName | undefined;
  /** Gives the place at the server back: call it when the connection has ended. More than once does no harm. */
  release(): void;
}

interface Answered {
  readonly dialled: Dialled;
  readonly target: Target;
}

/** Choose a server, dial it and read its answer; on a failure the next one. @throws UpstreamError */
export async function openConnection(
  upstreams: UpstreamWays,
  request: ConnectionRequest,
): Promise<Connection> {
  const { phases } = request;
  const { opened, at, release } = await reachServer(upstreams, request, async (way) => {
    let answered: Answered;
    try {
      answered = await dialTarget(way.target, { request, way, transport: way.transport, isForeign: false });
    } catch (error) {
      way.fail(error);
      phases?.fail((error as Error).message);
      throw error;
    }
    way.succeed();
    return mayRedirect(way) ? followRedirects(upstreams, way, answered, request) : answered;
  });
  return { ...opened, at, release };
}

interface DialPlan {
  readonly request: ConnectionRequest;
  readonly way: Way;
  readonly transport: Transport;
  /** A redirect led away from the server that was meant. */
  readonly isForeign: boolean;
}

async function dialTarget(
  target: Target,
  { request, way: { within }, transport, isForeign }: DialPlan,
): Promise<Answered> {
  const { route, signal, phases } = request;
  const head = request.head(target, isForeign);
  phases?.enter("dial", { server: target.authority });
  const dialled = await dialThrough(target, head, {
    connectTimeoutMs: within(route.connectTimeoutMs),
    handshakeTimeoutMs: within(route.handshakeTimeoutMs),
    signal,
    transport,
    onConnected: () => phases?.enter("server"),
  });
  phases?.end();
  return { dialled, target };
}

type RedirectedWay = Way & { readonly upstream: Upstream };

function mayRedirect(way: Way): way is RedirectedWay {
  return way.upstream !== undefined && way.upstream.config.redirects > 0;
}

/** Of a server that sends elsewhere; the last answer is the client's when there are too many. */
async function followRedirects(
  upstreams: UpstreamWays,
  way: RedirectedWay,
  first: Answered,
  request: ConnectionRequest,
): Promise<Answered> {
  const { upstream } = way;
  const { redirects } = upstream.config;
  // A client certificate is for the server that it was configured for.
  const { tls, upstream: _, ...foreignTransport } = upstream.transport;
  const schemeOf = ({ target }: Answered): string => (target.tls ? "https" : "http");
  const meant = originOf(`${schemeOf(first)}://${first.target.authority}`);
  let current = first;
  for (let followed = 0; followed < redirects; followed++) {
    const { head, socket } = current.dialled;
    const location = headerValue(head, "location");
    if (![301, 302, 303, 307, 308].includes(head.status) || location === undefined) break;
    const { authority, path } = current.target;
    const url = URL.parse(location, `${schemeOf(current)}://${authority}${path}`);
    socket.destroy();
    const isSameServer = url !== null && originOf(url.href) === meant;
    const server = url === null ? undefined : serverTarget({ url: url.href }, "/");
    const isAllowed =
      isSameServer || (url !== null && upstreams.allowList.isAllowed(url.href, request.route.connectAllow));
    if (url === null || server === undefined || !isAllowed) {
      throw notAllowed(
        `${current.target.url} redirects to ${url?.origin ?? "what is no URL"}, which is no configured upstream and matches nothing in \`connect.allow\` of the route ${request.route.path}: add it there if it is meant`,
      );
    }
    // The whole URL is the server's word: its path is not replaced by the client's, and neither is its query.
    const target = { ...server, path: url.pathname + url.search };
    const { socketPath } = first.target;
    current = await dialTarget(
      isSameServer && socketPath !== undefined ? { ...target, socketPath } : target,
      {
        request,
        way,
        transport: isSameServer ? upstream.transport : foreignTransport,
        isForeign: !isSameServer,
      },
    );
  }
  return current;
}
