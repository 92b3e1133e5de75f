import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { GatewayConfig } from "../config/index.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../gateway.ts";
import type { Entry } from "../listen/entry.ts";
import { type AttachedConfigInput, resolveAttached } from "./attached-config.ts";
import { boundAddresses } from "./bound-addresses.ts";
import { answerOwnPlain } from "./plain-requests.ts";
import { interceptUpgrades } from "./server-upgrades.ts";

export type AttachedGatewayOptions = Omit<GatewayOptions, "onEntry">;

/** A gateway inside of a program whose HTTP servers it takes its clients from. */
export interface AttachedGateway extends Pick<Gateway, "policies"> {
  /** Of the console, if there is one. */
  readonly addresses: Pick<Gateway["addresses"], "console">;
  /**
   * Take the upgrades of this server too that are for a route, and before all its other listeners. What is for none goes to
   * those, and gets 404 where there are none. No connection of the gateway may lead to that server. Of a server that it is
   * attached to nothing changes.
   *
   * @throws where the server reads HTTP/2 alone, and when the gateway has stopped
   */
  attach(server: Server): void;
  /**
   * Answer a plain request if it is for a route: it is proxied, or told to upgrade (426); by HTTP/2 it gets 505. Its path is the one that the client
   * has sent, whatever a framework has made of it (`originalUrl`).
   *
   * @returns false: it is for none, or the gateway has stopped, and nothing has been done with it
   */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Read the policies again, and take this config. Rejects with a ConfigError: everything is as it was then. */
  reload(config?: AttachedConfigInput | GatewayConfig): Promise<void>;
  /** Close the sessions as `drain` says, and give the servers back as they were; they go on. */
  stop(): Promise<void>;
}

/**
 * A gateway that is ready, and attached to no server yet.
 *
 * @param input as `createGateway` takes it, but without `listen` and `workers`; without a console unless it names one
 * @throws ConfigError, and what `start` of a gateway rejects with
 */
export async function createAttachedGateway(
  input: AttachedConfigInput | GatewayConfig,
  options: AttachedGatewayOptions = {},
): Promise<AttachedGateway> {
  const { config, rules: firstRules } = resolveAttached(input);
  let rules = firstRules;
  const entered = Promise.withResolvers<Entry>();
  const gateway = await createGateway(config, { ...options, onEntry: entered.resolve });
  await gateway.start();
  const entry = await entered.promise;
  const bound = boundAddresses((addresses) => entry.bind(addresses));
  const detachments = new Map<Server, () => void>();
  let stopping: Promise<void> | undefined;
  let isStopped = false;

  return {
    policies: () => gateway.policies(),
    addresses: { ...(gateway.addresses.console && { console: gateway.addresses.console }) },
    attach(server) {
      if (isStopped)
        throw new Error("attach: expected a gateway that runs, got one that has stopped; make another one");
      if (detachments.has(server)) return;
      const detach = interceptUpgrades(server, {
        concerns: (request) => entry.concerns(request),
        take: ({ request, socket, head, isPipelined }) =>
          entry.upgrade(request, socket, head, { ...rules, isPipelined }),
      });
      const unfollow = bound.follow(server);
      detachments.set(server, () => {
        detach();
        unfollow();
      });
    },
    handle(request, response) {
      return !isStopped && answerOwnPlain(entry, rules, request, response);
    },
    async reload(newest) {
      if (newest === undefined) return gateway.reload();
      const resolved = resolveAttached(newest);
      await gateway.reload(resolved.config);
      rules = resolved.rules;
    },
    stop() {
      stopping ??= gateway.stop().finally(() => {
        isStopped = true;
        for (const detach of detachments.values()) detach();
        detachments.clear();
      });
      return stopping;
    },
  };
}

/** A gateway that is ready, on a server that is there already. As `createAttachedGateway`, and attached. */
export async function attachGateway(
  server: Server,
  input: AttachedConfigInput | GatewayConfig,
  options: AttachedGatewayOptions = {},
): Promise<AttachedGateway> {
  const gateway = await createAttachedGateway(input, options);
  try {
    gateway.attach(server);
  } catch (error) {
    await gateway.stop();
    throw error;
  }
  return gateway;
}
