import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { ListenerConfig, RecordingConfig } from "../config/index.ts";
import type { EmitEvent } from "../events.ts";
import { formatAddress } from "../net/address.ts";
import type { HeaderFields } from "../net/headers.ts";
import { type AskChallenge, answerAuthority, challengeToken, sendAnswer } from "./challenges/challenges.ts";
import type { Entrance } from "./entrances.ts";
import { headTimeout } from "./head-timeout.ts";
import { LastAnswers } from "./last-answers.ts";
import type { ListenerPlan } from "./listener-plan.ts";
import { copyPeer, createProxyReader } from "./proxied-connection.ts";
import { createTlsServer } from "./tls-server.ts";

/** What a listener asks of the requests that come in by it. */
export interface EntranceRules {
  readonly maxHeaders: number;
  /** Whose pages may connect, on routes that do not say it themselves. */
  readonly origins: readonly string[];
  /** Whether it is recorded, on the same. */
  readonly recording: RecordingConfig;
  /** Fields of every answer but a 101. */
  readonly fields: HeaderFields;
}

/** What is to be known of a request for an upgrade besides. */
export interface UpgradeRules extends EntranceRules {
  /** It was sent before the request ahead of it had its answer. */
  readonly isPipelined: boolean;
}

export interface EntranceOptions {
  onPlain(request: IncomingMessage, response: ServerResponse, rules: EntranceRules): void;
  onUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, rules: UpgradeRules): void;
  /** Never rejects. Undefined: there is nobody to ask. */
  readonly askChallenge?: AskChallenge | undefined;
  readonly emit: EmitEvent;
}

export function rulesOf({ maxHeaders, origins, recording, hstsSeconds }: ListenerConfig): EntranceRules {
  const fields: HeaderFields =
    hstsSeconds > 0 ? [["Strict-Transport-Security", `max-age=${hstsSeconds}`]] : [];
  return { maxHeaders, origins, recording, fields };
}

/** Accepts HTTP: upgrades go to `onUpgrade`, plain requests get 426 where a route is and 404 elsewhere. */
export function createEntrance(plan: ListenerPlan, options: EntranceOptions): Entrance {
  const { config, challenges } = plan;
  const askChallenge = plan.asksFleet && options.askChallenge;
  const rules = rulesOf(config);
  const server = createServer(plan);
  // Node would drop what is over its own limit without a word.
  server.maxHeadersCount = 0;
  const answers = new LastAnswers();
  server.on("request", (request, response) => {
    answers.note(request.socket, response);
    if (challenges !== undefined && answerAuthority(challenges, request, response)) return;
    const token = askChallenge && challengeToken(request);
    if (askChallenge === undefined || token === undefined)
      return answerPlain(options.onPlain, rules, request, response);
    askChallenge(token).then((text) => {
      if (response.destroyed) return;
      if (text !== undefined) return sendAnswer(response, text);
      // It may be for the server behind.
      answerPlain(options.onPlain, rules, request, response);
    });
  });
  server.on("upgrade", (request, socket, head) => {
    const upgrade = (isPipelined: boolean): void =>
      options.onUpgrade(request, socket as Socket, head, { ...rules, isPipelined });
    if (!answers.whenDone(socket, () => upgrade(true))) upgrade(false);
  });
  server.on(
    "tlsClientError",
    (error: NodeJS.ErrnoException & { readonly reason?: string }, socket: TLSSocket) => {
      const { authorizationError } = socket;
      // Who goes away in the middle of a handshake is a look at the port, not a client.
      if (error.code === "ECONNRESET" && !authorizationError) return;
      const detail = authorizationError
        ? `client certificate: ${authorizationError}`
        : (error.reason ?? error.message);
      refused(socket, "ERR_TLS_HANDSHAKE", detail);
    },
  );
  // It never listens itself, and counts its connections, to time out slow ones and to close idle ones, only from here on.
  server.emit("listening");

  return {
    take: takeBy(),
    close() {
      server.close();
      server.closeIdleConnections();
    },
    cutOff() {
      server.closeAllConnections();
    },
  };

  function takeBy(): (socket: Socket) => void {
    const handOver = (socket: Socket): void => void server.emit("connection", socket);
    if (config.trustedProxies === undefined) return handOver;
    server.prependListener("secureConnection", copyPeer);
    return createProxyReader(config.trustedProxies, handOver, (socket, { code, detail }) =>
      refused(socket, code, detail),
    );
  }

  function refused(
    socket: Socket,
    code: "ERR_PROXY_UNTRUSTED" | "ERR_PROXY_HEADER" | "ERR_TLS_HANDSHAKE",
    detail: string,
  ): void {
    const client = `${socket.remoteAddress ?? ""}:${socket.remotePort ?? 0}`;
    options.emit({ type: "connection-refused", client, listener: formatAddress(config), code, detail });
  }
}

function createServer({ config, tls: material }: ListenerPlan) {
  const limits = { ...headTimeout(config), maxHeaderSize: config.maxHeaderBytes };
  const { tls } = config;
  if (tls === undefined || material === undefined) return createHttpServer(limits);
  return createTlsServer(tls, material, limits);
}

/** Within what holds of every request that is none for an upgrade. */
export function answerPlain(
  onPlain: EntranceOptions["onPlain"],
  rules: EntranceRules,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  for (const [name, value] of rules.fields) response.setHeader(name, value);
  if (request.rawHeaders.length / 2 > rules.maxHeaders) {
    response.writeHead(431, { Connection: "close" }).end("431 Request Header Fields Too Large\n");
  } else {
    onPlain(request, response, rules);
  }
}
