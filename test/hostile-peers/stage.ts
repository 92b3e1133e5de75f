import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { ExecutionContext, TestFn } from "ava";
import { acceptKey } from "../../core/upgrade/handshake.ts";
import { eventually } from "../support/eventually.ts";
import { type LogRecord, startGateway, type TestGateway } from "../support/gateways/gateway.ts";
import { clientFrame, connectRaw, type RawPeer, serverFrame } from "../support/peers/raw-client.ts";
import { startUpgradeServer, type UpgradeServer } from "../support/servers/upgrade-server.ts";

/** The ways through the gateway that hostile peers try, each with a session of somebody else's on it. */
export const WAYS = ["spliced", "policy"] as const;
export type Way = (typeof WAYS)[number];

/**
 * One gateway for the tests of a file, with bystanders. When all tests are over, these must be as well as before, nothing
 * else may be open, at the gateway or at its servers, and the log may hold nothing that nobody foresaw.
 */
export interface Stage {
  readonly gateway: TestGateway;
  readonly server: UpgradeServer;
  path(way: string): string;
  open(t: ExecutionContext, way: Way): Promise<{ client: RawPeer; server: RawPeer; path: string }>;
  /**
   * A path whose server answers a request so.
   *
   * @param way `answer`, or `patience` where the route waits for the answer only for as long as this file's tests can
   */
  answering(answer: Answer, way?: "answer" | "patience"): string;
  ended(path: string): Promise<LogRecord>;
}

/** @param accept the right Sec-WebSocket-Accept */
export type Answer = (socket: Socket, accept: string) => void;

export function shareStage(test: TestFn): Stage {
  const teardowns: (() => unknown)[] = [];
  const scope = { teardown: (fn: () => unknown) => void teardowns.push(fn) };
  const answers = new Map<string, Answer>();
  const http = createHttpServer();
  const raw = createServer((socket) => answerRaw(socket, answers));
  const bystanders: { way: Way; client: RawPeer; server: RawPeer }[] = [];
  let gateway: TestGateway;
  let server: UpgradeServer;

  test.before(async (t) => {
    server = await startUpgradeServer(scope, http);
    raw.listen(0, "127.0.0.1");
    await once(raw, "listening");
    teardowns.push(() => raw.close());
    const common = { closeTimeout: "300ms", handshakeTimeout: "60s" } as const;
    const wrong = `http://127.0.0.1:${(raw.address() as AddressInfo).port}`;
    gateway = await startGateway(scope, {
      policies: { "unchanged.ts": "export const client = () => {}; export const server = () => {};" },
      routes: [
        { path: "/spliced/*", upstream: server.url, ...common },
        { path: "/policy/*", upstream: server.url, policies: ["unchanged"], ...common },
        { path: "/answer/*", upstream: wrong, ...common },
        { path: "/patience/*", upstream: wrong, ...common, handshakeTimeout: "1s" },
      ],
      config: { listen: [{ host: "127.0.0.1", port: 0, handshakeTimeout: "60s" }] },
    });
    const still = { ...t, teardown: scope.teardown } as ExecutionContext;
    for (const way of WAYS) bystanders.push({ way, ...(await open(still, way)) });
  });

  test.after("bystanders are unharmed, and nothing else is open", async (t) => {
    for (const { way, client, server: own } of bystanders) {
      client.write(clientFrame(1, "to the server"));
      t.is(String((await own.next()).payload), "to the server", way);
      own.write(serverFrame(1, "to the client"));
      t.is(String((await client.next()).payload), "to the client", way);
    }
    const isSession = ({ msg }: LogRecord, what: string): boolean => msg === `session ${what}`;
    const count = (what: string): number => gateway.log.filter((record) => isSession(record, what)).length;
    await eventually("only bystanders are open", () => count("started") - count("ended") === WAYS.length);
    await eventually(
      "their servers have no other leg",
      async () => (await connectionsOf(http)) === WAYS.length,
    );
    await eventually("no server that answers wrong has a leg", async () => (await connectionsOf(raw)) === 0);
    const crashes = gateway.log.filter(({ level }) => level === "error" || level === "fatal");
    t.deepEqual(crashes, []);
  });

  test.after.always(async () => {
    for (const teardown of teardowns.reverse()) await teardown();
  });

  const path = (way: string): string => `/${way}/${randomUUID()}`;

  return {
    get gateway() {
      return gateway;
    },
    get server() {
      return server;
    },
    path,
    open,
    answering(answer, way = "answer") {
      const own = path(way);
      answers.set(own, answer);
      return own;
    },
    async ended(own) {
      const { id } = await gateway.logged(
        (record) => record.msg === "session started" && record.path === own,
      );
      return gateway.logged((record) => record.msg === "session ended" && record.id === id);
    },
  };

  async function open(t: ExecutionContext, way: Way) {
    const own = path(way);
    const accepted = server.upgrade(own).then((upgrade) => upgrade.acceptRaw());
    const client = await connectRaw(t, gateway.port, own);
    return { client, server: await accepted, path: own };
  }
}

function answerRaw(socket: Socket, answers: ReadonlyMap<string, Answer>): void {
  socket.on("error", () => {});
  socket.once("data", (bytes: Buffer) => {
    const head = bytes.toString("latin1");
    const [, path = ""] = head.split(" ");
    const [, key = ""] = /^sec-websocket-key: (.*)$/im.exec(head) ?? [];
    answers.get(path)?.(socket, acceptKey(key.trim()));
  });
}

function connectionsOf(server: {
  getConnections(take: (error: Error | null, count: number) => void): unknown;
}) {
  return new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
}
