import type { IncomingMessage } from "node:http";
import type { ExecutionContext } from "ava";
import type { WebSocket } from "ws";
import type { ConfigInput, RouteInput } from "../../core/index.ts";
import { eventually } from "./eventually.ts";
import { startGateway, type TestGateway } from "./gateways/gateway.ts";
import {
  connectClient,
  echo,
  openInbox,
  startServer,
  type TestClient,
  type TestServer,
} from "./peers/peers.ts";

export interface PolicySetup {
  readonly gateway: TestGateway;
  readonly server: TestServer;
  /** The server's side of the connections, in the order they came. */
  readonly arrived: () => Promise<ServerSide>;
  connect(path?: string, options?: Parameters<typeof connectClient>[2]): Promise<TestClient>;
}

export type ServerSide = Pick<TestClient, "next" | "take" | "left" | "closed"> & { readonly ws: WebSocket };

export interface PolicySetupOptions {
  /** What the route has beside its upstream and its chain. */
  readonly route?: Partial<RouteInput>;
  readonly config?: Partial<ConfigInput>;
  /** What the server does with a connection. Default: it sends everything back. */
  readonly onConnection?: (socket: WebSocket, request: IncomingMessage) => void;
}

/** A gateway with one route for every path, whose chain is these policies in this order, before a server. */
export async function startPolicies(
  t: ExecutionContext,
  policies: Readonly<Record<string, string>>,
  { route = {}, config = {}, onConnection = echo }: PolicySetupOptions = {},
): Promise<PolicySetup> {
  const inboxes = new WeakMap<WebSocket, ReturnType<typeof openInbox>>();
  const server = await startServer(t, (socket, request) => {
    inboxes.set(socket, openInbox(socket));
    onConnection(socket, request);
  });
  const chain = Object.keys(policies).map((file) => file.replace(/\.ts$/, ""));
  const gateway = await startGateway(t, {
    policies,
    config,
    routes: [{ path: "/*", upstream: server.url, policies: chain, ...route }],
  });
  return {
    gateway,
    server,
    async arrived() {
      const ws = await server.accept();
      return { ws, ...inboxes.get(ws)! };
    },
    connect: (path = "/", options = {}) => connectClient(t, gateway.url + path, options),
  };
}

/** Does nothing with a connection: the test is the server. */
export function listen(): void {}

/** Ask the same again until an answer fits, one question at a time. */
export async function askUntil(
  client: TestClient,
  question: string,
  fits: (answer: string) => boolean,
): Promise<string> {
  return eventually(`the answer to ${question} fits`, async () => {
    client.send(question);
    const answer = String(await client.next());
    return fits(answer) ? answer : undefined;
  });
}
