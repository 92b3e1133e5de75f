import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { ExecutionContext } from "ava";

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As it came. */
  readonly text: string;
  readonly alert: Readonly<Record<string, unknown>> & { readonly event: string };
}

export interface Receiver {
  readonly url: string;
  /** All requests so far. */
  readonly requests: readonly Received[];
  /** The next request that fits, those before it included. */
  next(fits?: (received: Received) => boolean): Promise<Received>;
  /** How those from now on are answered; 0: not at all. */
  status: number;
  fields: Readonly<Record<string, string>>;
}

/** Takes webhooks. */
export async function startReceiver(t: Pick<ExecutionContext, "teardown">): Promise<Receiver> {
  const requests: Received[] = [];
  const waiting = new Set<() => void>();
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const { status, fields } = receiver;
    requests.push({ path: request.url ?? "", headers: request.headers, text, alert: JSON.parse(text) });
    if (status !== 0) response.writeHead(status, fields).end();
    for (const look of waiting) look();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    requests,
    status: 204,
    fields: {},
    next(fits = () => true) {
      return new Promise((resolve) => {
        const look = (): void => {
          const found = requests.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      });
    },
  };
  return receiver;
}
