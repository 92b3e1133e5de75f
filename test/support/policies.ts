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
  refusedUpgrade,
  startServer,
  type TestClient,
  type TestServer,
} from "./peers/peers.ts";
import { connectRaw } from "./peers/raw-client.ts";

export interface PolicySetup<Gateway = TestGateway> {
  readonly gateway: Gateway;
  readonly server: TestServer;
  /** The server's side of the connections, in the order they came. */
  readonly arrived: () => Promise<ServerSide>;
  connect(path?: string, options?: Parameters<typeof connectClient>[2]): Promise<TestClient>;
  /** Over a bare socket; header lines. */
  connectRaw(path?: string, headers?: readonly string[]): ReturnType<typeof connectRaw>;
  /** The answer to an upgrade that is refused. */
  refused(path?: string, options?: Parameters<typeof refusedUpgrade>[1]): ReturnType<typeof refusedUpgrade>;
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
  { route = {}, config = {}, onConnection }: PolicySetupOptions = {},
): Promise<PolicySetup> {
  const upstream = await startInboxes(t, onConnection);
  const routes = [{ path: "/*", upstream: upstream.server.url, policies: namesOf(policies), ...route }];
  const gateway = await startGateway(t, { policies, config, routes });
  return { ...upstream, gateway, ...knockAt(t, gateway) };
}

/** The policies of these files. */
export function namesOf(policies: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(policies).map((file) => file.replace(/\.ts$/, ""));
}

/** A server that keeps what comes on each of its connections. */
export async function startInboxes(
  t: ExecutionContext,
  onConnection: PolicySetupOptions["onConnection"] = echo,
): Promise<Pick<PolicySetup, "server" | "arrived">> {
  const inboxes = new WeakMap<WebSocket, ReturnType<typeof openInbox>>();
  const server = await startServer(t, (socket, request) => {
    inboxes.set(socket, openInbox(socket));
    onConnection(socket, request);
  });
  return {
    server,
    async arrived() {
      const ws = await server.accept();
      return { ws, ...inboxes.get(ws)! };
    },
  };
}

/** The ways to knock at a gateway, each request with these headers. */
export function knockAt(
  t: ExecutionContext,
  { url, port }: Pick<TestGateway, "url" | "port">,
  common: Readonly<Record<string, string>> = {},
): Pick<PolicySetup, "connect" | "connectRaw" | "refused"> {
  const withCommon = <Options extends { headers?: object | undefined }>(options: Options) => ({
    ...options,
    headers: { ...options.headers, ...common },
  });
  const lines = Object.entries(common).map(([name, value]) => `${name}: ${value}`);
  return {
    connect: (path = "/", options = {}) => connectClient(t, url + path, withCommon(options)),
    connectRaw: (path = "/", headers = []) => connectRaw(t, port, path, [...lines, ...headers]),
    refused: (path = "/", options = {}) => refusedUpgrade(url + path, withCommon(options)),
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
