import type { ExecutionContext } from "ava";
import type { ConfigInput } from "../../../core/index.ts";
import { connectClient, startServer, type TestClient } from "../peers/peers.ts";
import { startGateway, type TestGateway } from "./gateway.ts";

/** Says no to who has no name, and does with a message what its text says. */
export const mixer = `
export function upgrade({ request }) {
  const { user } = request.query;
  if (user === undefined) return { reject: { status: 401, headers: { "WWW-Authenticate": "Bearer" }, body: "who?" } };
  return { attributes: { user }, headers: { "X-User": user }, responseHeaders: { "X-Desk": "rates" } };
}
export function client({ content }) {
  const text = content.body;
  if (text === "drop me") return { drop: true };
  if (text === "ask me") return { drop: true, reply: ["answered by the policy"] };
  if (text === "end me") return { close: { code: 4001, reason: "as you wish" } };
  if (text.startsWith("{")) return { content: { body: { ...content.json(), mark: "first" } } };
}
`;

export interface WatchedGateway extends TestGateway {
  readonly consolePort: number;
  /** http://127.0.0.1:PORT */
  readonly consoleUrl: string;
  connect(path: string, options?: Parameters<typeof connectClient>[2]): Promise<TestClient>;
}

/** A real gateway with its console: /door through the policy mixer, /plain spliced, and what comes to no route, all recorded, before an echo. */
export async function startWatchedGateway(
  t: ExecutionContext,
  console: Exclude<ConfigInput["console"], false> = {},
): Promise<WatchedGateway> {
  const server = await startServer(t);
  const recording = { payload: "4KiB" } as const;
  const gateway = await startGateway(t, {
    policies: { "mixer.ts": mixer },
    config: { console: { port: 0, token: false, ...console }, recording },
    routes: [
      { name: "door", path: "/door", upstream: server.url, policies: ["mixer"], recording },
      { name: "plain", path: "/plain", upstream: server.url, recording },
    ],
  });
  const consolePort = gateway.gateway.addresses.console!.port;
  return {
    ...gateway,
    consolePort,
    consoleUrl: `http://127.0.0.1:${consolePort}`,
    connect: (path, options) => connectClient(t, gateway.url + path, options),
  };
}
