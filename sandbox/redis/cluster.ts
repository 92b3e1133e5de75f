import { type ConnectionSettings, connectRedis } from "./connection.ts";
import { isReply, lost, RedisError } from "./errors.ts";
import { firstAnswer, nameOf } from "./first-answer.ts";
import { pauseAfter, spreadPause } from "./link-state.ts";
import type { Outage } from "./outage.ts";
import type { RedisAddress } from "./place.ts";
import { openServerLink, type ServerLink } from "./server-link.ts";
import { readRedirection, readSlots, type SlotMap, slotOf } from "./slots.ts";
import type { Topology } from "./topology.ts";

/** That many are asked at once who has which slots. */
const MAX_ASKED = 5;
const MAX_REDIRECTIONS = 5;
/** The part of an outage that stands for not knowing any node. */
const NODES = "nodes";

/**
 * A link to each primary. Who has which slots is asked at the beginning, when a node says that a slot has moved, and again
 * and again while a primary is lost: another one may have taken its place.
 */
export function openCluster(
  seeds: readonly RedisAddress[],
  settings: ConnectionSettings,
  outage: Outage,
): Topology {
  const nodes = new Map<string, ServerLink>();
  const closing = new AbortController();
  let slots: SlotMap | undefined;
  let failures = 0;
  let retry: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  const first = look();

  function look(): Promise<void> {
    looking ??= findNodes().finally(() => {
      looking = undefined;
      lookAgain();
    });
    return looking;
  }

  async function findNodes(): Promise<void> {
    const { signal } = closing;
    try {
      take(
        await firstAnswer(sample(addresses()), { settings, signal }, async (connection, asked) =>
          readSlots(await connection.send(["CLUSTER", "SLOTS"]), asked),
        ),
      );
      outage.recover(NODES);
    } catch (error) {
      if (!signal.aborted) outage.lose(NODES, (error as Error).message);
    }
  }

  function lookAgain(): void {
    if (isWhole()) {
      failures = 0;
    } else if (retry === undefined && looking === undefined && !closing.signal.aborted) {
      retry = setTimeout(
        () => {
          retry = undefined;
          void look();
        },
        spreadPause(pauseAfter(++failures), Math.random()),
      );
    }
  }

  function take(newest: SlotMap): void {
    if (closing.signal.aborted) return;
    slots = newest;
    for (const address of newest.primaries) nodeAt(address);
    const names = new Set(newest.primaries.map(nameOf));
    for (const [name, node] of nodes) {
      if (names.has(name)) continue;
      nodes.delete(name);
      void node.close();
      outage.recover(name);
    }
  }

  function nodeAt(address: RedisAddress): ServerLink {
    const name = nameOf(address);
    const known = nodes.get(name);
    if (known !== undefined) return known;
    const node = openServerLink({
      connect: (end) => connectRedis(address, settings, end),
      onReady: () => outage.recover(name),
      onLost(reason) {
        if (nodes.get(name) !== node) return;
        outage.lose(name, `${name}: ${reason}`);
        lookAgain();
      },
    });
    nodes.set(name, node);
    return node;
  }

  function addresses(): RedisAddress[] {
    const all = [...seeds, ...(slots?.primaries ?? [])];
    return [...new Map(all.map((address) => [nameOf(address), address])).values()];
  }

  function isWhole(): boolean {
    return slots?.primaries.every((address) => nodeAt(address).isUp()) ?? false;
  }

  async function addressFor(key: string | undefined): Promise<RedisAddress> {
    if (slots === undefined && outage.isOver()) await first;
    if (slots === undefined) throw lost();
    const { primaries } = slots;
    const address =
      key === undefined
        ? (primaries.find((primary) => nodeAt(primary).isUp()) ?? primaries[0])
        : slots.primaryOf(slotOf(key));
    if (address === undefined)
      throw new RedisError("ERR_REDIS_REFUSED", "no node of the cluster has the slot of this key");
    return address;
  }

  return {
    async send(command, key) {
      let address = await addressFor(key);
      let ahead: readonly string[] | undefined;
      for (let redirections = 0; ; redirections++) {
        try {
          return await nodeAt(address).send(command, ahead);
        } catch (error) {
          // It has not been carried out there, so it is still sent once.
          const isMoved = isReply(error, "MOVED ");
          const next =
            error instanceof RedisError && redirections < MAX_REDIRECTIONS
              ? readRedirection(error.message, address)
              : undefined;
          if (next === undefined || closing.signal.aborted) throw error;
          if (isMoved) void look();
          ahead = isMoved ? undefined : ["ASKING"];
          address = next;
        }
      }
    },
    connectAny(end) {
      const up = addresses().filter((address) => nodes.get(nameOf(address))?.isUp());
      const [any] = sample(up.length > 0 ? up : addresses());
      return connectRedis(any as RedisAddress, settings, end);
    },
    isUp: () => outage.isOver() && isWhole(),
    async close() {
      closing.abort();
      clearTimeout(retry);
      await Promise.all([looking, ...[...nodes.values()].map((node) => node.close())]);
    },
  };
}

/** Some of them, others each time: the first ones may be those that know no better. */
function sample(addresses: readonly RedisAddress[]): RedisAddress[] {
  return addresses
    .map((address) => ({ address, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, MAX_ASKED)
    .map(({ address }) => address);
}
