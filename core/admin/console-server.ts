import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Address } from "../config/index.ts";
import { headTimeout } from "../upgrade/head-timeout.ts";

export interface ConsoleServer {
  readonly address: Address;
  close(): void;
}

export interface ConsoleSource {
  /** Whether the gateway takes new connections, and if not, why. */
  readiness(): { readonly isReady: boolean; readonly detail: string };
  metrics(): Promise<{ readonly text: string; readonly contentType: string }>;
}

/** Longest time until the whole head of a request has come. */
const headTimeoutMs = 10_000;

/** The operator's side: health, readiness and metrics. Rejects with the system's error when it cannot listen. */
export function openConsole(config: Address, source: ConsoleSource): Promise<ConsoleServer> {
  const server = createServer(headTimeout({ handshakeTimeoutMs: headTimeoutMs }), (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("Allow", "GET, HEAD");
      return answer(response, 405, "method not allowed\n");
    }
    switch ((request.url ?? "/").replace(/\?.*$/s, "")) {
      case "/":
        return answer(response, 200, index);
      case "/healthz":
        return answer(response, 200, "ok\n");
      case "/readyz": {
        const { isReady, detail } = source.readiness();
        return answer(response, isReady ? 200 : 503, `${detail}\n`);
      }
      case "/metrics":
        source.metrics().then(
          ({ text, contentType }) => answer(response, 200, text, contentType),
          () => answer(response, 500, "the metrics could not be collected\n"),
        );
        return;
      default:
        return answer(response, 404, "not found\n");
    }
  });

  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: config.host, port: config.port }, () => {
      server.off("error", reject);
      const address = { host: config.host, port: (server.address() as AddressInfo).port };
      resolve({
        address,
        close() {
          server.close();
          server.closeAllConnections();
        },
      });
    });
  });
}

const index = `Framegate

/healthz   the process is alive
/readyz    it takes new connections
/metrics   Prometheus metrics
`;

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  type = "text/plain; charset=utf-8",
): void {
  response
    .writeHead(status, {
      "Content-Type": type,
      "Cache-Control": "no-store",
      "X-Content-Type-Options": "nosniff",
    })
    .end(text);
}
