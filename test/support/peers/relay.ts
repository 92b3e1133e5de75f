import { randomUUID } from "node:crypto";
import type { ExecutionContext, TestFn } from "ava";
import type { ClientOptions, ServerOptions } from "ws";
import type { ConfigInput, RouteInput } from "../../../core/config/generated/config-input.ts";
import { type LogRecord, startGateway, type TestGateway } from "../gateways/gateway.ts";
import { startUpgradeServer, type UpgradeServer } from "../servers/upgrade-server.ts";
import { connectClient, type TestPeer } from "./peers.ts";
import { connectRaw, type RawPeer } from "./raw-client.ts";

/** The two ways through the gateway; the policy of the second changes nothing, so both must look the same. */
export const modes = ["spliced", "policy"] as const;
export type Mode = (typeof modes)[number];

/** One gateway and one server that the tests of a file share; known once the tests run. */
export interface Relay {
  readonly gateway: TestGateway;
  readonly server: UpgradeServer;
  /** A path on the route of this mode that no other test asks for. */
  path(mode: string): string;
  /** Both ends of a new session, over bare sockets. */
  openRaw(t: ExecutionContext, mode: string, headers?: readonly string[]): Promise<Pair<RawPeer>>;
  /** Both ends of a new session, with `ws`. */
  open(
    t: ExecutionContext,
    mode: string,
    options?: { client?: ClientOptions & { protocols?: string[] }; server?: ServerOptions },
  ): Promise<Pair<TestPeer>>;
  /** The log's line for the end of the session on this path. */
  ended(path: string): Promise<LogRecord>;
}

export interface Pair<Peer> {
  readonly client: Peer;
  readonly server: Peer;
  readonly path: string;
}

export interface RelayOptions {
  /** What the routes `/spliced/*` and `/policy/*` have beside path, upstream and policies. */
  readonly route?: Partial<RouteInput>;
  /** More routes, and the policies they name. */
  readonly routes?: (upstream: string) => readonly RouteInput[];
  readonly policies?: Readonly<Record<string, string>>;
  readonly config?: Partial<ConfigInput>;
}

const unchanged = "export const client = () => {}; export const server = () => {};";

/** Starts before the file's tests and stops after them; fails the file if a session stays open when both its ends have gone. */
export function shareRelay(test: TestFn, options: RelayOptions = {}): Relay {
  const teardowns: (() => unknown)[] = [];
  const scope = { teardown: (fn: () => unknown) => void teardowns.push(fn) };
  let gateway: TestGateway;
  let server: UpgradeServer;

  test.before(async () => {
    server = await startUpgradeServer(scope);
    const upstream = server.url;
    // Without a close timeout, so that no session of a test ends by that.
    const common = { closeTimeout: 0, ...options.route } as const;
    gateway = await startGateway(scope, {
      policies: { "unchanged.ts": unchanged, ...options.policies },
      ...(options.config && { config: options.config }),
      routes: [
        { path: "/spliced/*", upstream, ...common },
        { path: "/policy/*", upstream, policies: ["unchanged"], ...common },
        ...(options.routes?.(upstream) ?? []),
      ],
    });
  });

  test.after("no session outlives its ends", async (t) => {
    server.cut();
    const started = gateway.log.filter(({ msg }) => msg === "session started");
    await Promise.all(started.map(({ id }) => endOf(id)));
    t.is(gateway.log.filter(({ msg }) => msg === "session ended").length, started.length);
  });

  test.after.always(async () => {
    for (const teardown of teardowns.reverse()) await teardown();
  });

  const path = (mode: string): string => `/${mode}/${randomUUID()}`;
  const endOf = (id: unknown): Promise<LogRecord> =>
    gateway.logged((record) => record.msg === "session ended" && record.id === id);

  return {
    get gateway() {
      return gateway;
    },
    get server() {
      return server;
    },
    path,
    async openRaw(t, mode, headers) {
      const own = path(mode);
      const [client, accepted] = await Promise.all([
        connectRaw(t, gateway.port, own, headers),
        server.upgrade(own).then((upgrade) => upgrade.acceptRaw()),
      ]);
      return { client, server: accepted, path: own };
    },
    async open(t, mode, { client: clientOptions, server: serverOptions } = {}) {
      const own = path(mode);
      const [client, accepted] = await Promise.all([
        connectClient(t, gateway.url + own, clientOptions),
        server.upgrade(own).then((upgrade) => upgrade.accept(serverOptions)),
      ]);
      return { client, server: accepted, path: own };
    },
    async ended(own) {
      const isStart = (record: LogRecord): boolean => record.msg === "session started" && record.path === own;
      return endOf((await gateway.logged(isStart)).id);
    },
  };
}
