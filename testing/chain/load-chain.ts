import type { SeatGiver } from "../../core/chain/noted-seats.ts";
import type { ConnectionOptions } from "../../runtime/connection.ts";
import type { HookName } from "../../sandbox/contract/hooks.ts";
import type { Clock } from "../clock.ts";
import { keepAlive } from "../keep-alive.ts";
import { type LoadOptions, type LogLine, loadTested, startOf, type TestPolicy } from "../load-policy.ts";
import { type ChainHost, type ChainTestConnection, openChainConnection } from "./chain-connection.ts";

type SharedOptions = Pick<LoadOptions, "policies" | "now" | "contentType" | "limits">;

/** One policy of a chain, as a route uses it; what `loadPolicy` takes for one policy. */
export interface ChainUse extends Omit<LoadOptions, keyof SharedOptions> {
  /** A path, relative to the working directory, a file URL, or the name of a policy of a pack. */
  readonly use: string | URL;
  /** The hooks that run; all that it exports unless set. */
  readonly hooks?: readonly HookName[];
}

export interface ChainLoadOptions extends SharedOptions {
  /** As a route's: what a fault of a policy does. Unset, it rejects the call, so that the test sees it. */
  readonly onError?: "close" | "drop" | "pass";
}

/** A line of a policy's, and whose it is. */
export interface ChainLogLine extends LogLine {
  readonly policy: string;
}

/** Policies one after the other, as a route has them. */
export interface TestChain
  extends Omit<ChainTestConnection, "id" | "dispose" | typeof Symbol.dispose>,
    AsyncDisposable {
  /** Each with its `kv`, `alerts` and `logs`, in the order of the chain. */
  readonly policies: readonly TestPolicy[];
  /** One for all of them. */
  readonly clock: Clock;
  /** A connection of several calls. The chain's own `upgrade`, `client`, `server` and so on make a new one each. */
  connection(options?: ConnectionOptions): ChainTestConnection;
  /** What they logged so far, policy by policy. */
  logs(): readonly ChainLogLine[];
  /** Unload them. Not a must: nothing of them outlives the process. */
  dispose(): Promise<void>;
}

/**
 * Load policies as the chain of a route: `upgrade` and `client` hooks run in this order, `server` hooks the other way round, each
 * with what those before it have made of the message and of the attributes. Rejects as `loadPolicy` does.
 */
export async function loadChain(
  uses: readonly (string | URL | ChainUse)[],
  { onError, ...shared }: ChainLoadOptions = {},
): Promise<TestChain> {
  const [first] = uses;
  if (first === undefined) throw new Error("Expected a chain of at least one policy, got none.");
  // One start for all clocks, which then go together.
  const now = startOf(shared.now);
  const whole = uses.map((use) => (typeof use === "string" || use instanceof URL ? { use } : use));
  const loaded = await keepAlive(
    Promise.all(
      whole.map(({ use, hooks, ...own }) =>
        loadTested(use, { ...own, ...shared, now }).then((policy) => ({ ...policy, hooks })),
      ),
    ),
  );
  const policies = loaded.map(({ tested }) => tested);
  // They have the same limits, and so the same host.
  const { sandbox } = loaded[0]!.bed;
  const clock = clockOf(policies.map((policy) => policy.clock));
  const host: ChainHost = {
    sandbox: { exports: sandbox.exports.bind(sandbox), seat: sandbox.seat.bind(sandbox) } satisfies SeatGiver,
    chain: loaded.map(({ nameInHost, given, hooks }) => ({
      ...{ policy: nameInHost, route: "test", options: given },
      ...(hooks && { hooks }),
    })),
    contentType: shared.contentType ?? "application/json",
    onError,
    now: () => clock.now,
  };
  const connection = (of?: ConnectionOptions) => openChainConnection(host, of);
  const dispose = async () => {
    await Promise.all(policies.map((policy) => policy.dispose()));
  };
  return {
    policies,
    clock,
    connection,
    logs: () => policies.flatMap(({ name: policy, logs }) => logs.map((line) => ({ policy, ...line }))),
    upgrade: (request) => connection().upgrade(request),
    unavailable: (failure) => connection().unavailable(failure),
    client: (body) => connection().client(body),
    server: (body) => connection().server(body),
    tick: (due) => connection().tick(due),
    renew: () => connection().renew(),
    close: (end) => connection().close(end),
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

function clockOf(clocks: readonly Clock[]): Clock {
  return {
    get now() {
      return clocks[0]?.now ?? 0;
    },
    async advance(ms) {
      await Promise.all(clocks.map((clock) => clock.advance(ms)));
    },
  };
}
