import { randomUUID } from "node:crypto";
import { ChainSession } from "../../core/chain/chain-session.ts";
import { noteSettled, type SeatGiver } from "../../core/chain/noted-seats.ts";
import type { RouteConfig } from "../../core/config/index.ts";
import { policyOfUse } from "../../core/routes/use-key.ts";
import {
  type ConnectionOptions,
  type PolicyConnection,
  payloadOf,
  sameTypes,
} from "../../runtime/connection.ts";
import { describeUpgrade } from "../../runtime/request.ts";
import { describeUnavailable, type RenewResult, type TickResult } from "../../runtime/results.ts";
import type { PolicyFault } from "../../sandbox/contract/faults.ts";
import type { Initiative, Outcome } from "../../sandbox/contract/verdicts.ts";
import type { PolicyBinding, Seat } from "../../sandbox/contract.ts";
import { keepAlive } from "../keep-alive.ts";
import { errorOf, shownName } from "../load-policy.ts";
import { acceptedResult, type ChainResult, chainResult, refusedResult } from "./chain-results.ts";
import { SaidSum } from "./said-sum.ts";

const DEFAULT_SERVER = "ws://127.0.0.1:3000/";

/** One connection through a chain: `session` of each policy, and what `upgrade` hooks set, last over its calls. */
export interface ChainTestConnection extends Omit<PolicyConnection, "client" | "server" | "tick" | "renew"> {
  client(body: unknown): Promise<ChainResult>;
  server(body: unknown): Promise<ChainResult>;
  /** @param due `policy`: that one's alone; else of each that has one, in the order of the chain */
  tick(due?: { readonly late?: number; readonly policy?: string }): Promise<TickResult>;
  /** Of each policy that has one, in the order of the chain: what an operator asks for. */
  renew(): Promise<RenewResult>;
}

/** What a connection needs of its chain. */
export interface ChainHost {
  readonly sandbox: SeatGiver;
  readonly chain: readonly PolicyBinding[];
  readonly contentType: string;
  /** What a fault does to the connection; undefined: it rejects the call. */
  readonly onError: RouteConfig["onError"] | undefined;
  now(): number;
}

export function openChainConnection(
  { sandbox, chain: bindings, contentType, onError, now }: ChainHost,
  options: ConnectionOptions = {},
): ChainTestConnection {
  const id = randomUUID();
  const openedAt = now();
  const messages = { client: 0, server: 0 };
  const bytes = { client: 0, server: 0 };
  let fault: PolicyFault | undefined;
  let isOver = false;
  let refused: number | undefined;
  let end: Pick<Initiative, "close"> = {};
  const seats = new Set<Seat>();
  const noted = noteSettled(
    {
      exports: sandbox.exports,
      seat(...place) {
        const seat = sandbox.seat(...place);
        seats.add(seat);
        return seat;
      },
    },
    ({ outcome }) => {
      if (outcome.kind === "fault") fault ??= outcome.fault;
    },
  );
  let chain = openChain(options.request);

  function openChain(request: ConnectionOptions["request"] = {}): ChainSession {
    const opened = new ChainSession({
      ...{ sandbox: noted, chain: bindings, id, attributes: options.attributes ?? {} },
      config: { contentType: sameTypes(contentType), onError: onError ?? "close" },
      context: describeUpgrade(request),
    });
    const { subprotocol, server = DEFAULT_SERVER, expires } = options;
    opened.open({ subprotocol, server, expires });
    return opened;
  }

  /** Where nothing says what a fault does, a test is to see it. */
  async function run<T>(call: () => Promise<T>): Promise<T> {
    fault = undefined;
    const result = await keepAlive(call());
    if (fault !== undefined && onError === undefined) throw errorOf(fault);
    return result;
  }

  function requireOpen(): void {
    if (isOver) throw new Error("This connection is over: there are no more calls.");
    if (refused !== undefined)
      throw new Error(`This connection was refused with ${refused}: there are no messages and no close.`);
  }

  function requireUnclosed(): void {
    requireOpen();
    if (!chain.isClosed) return;
    const { code, reason } = end.close ?? { code: 1011, reason: "" };
    throw new Error(
      `This connection was closed with ${`${code} ${reason}`.trim()}: there are no more messages, only \`close\`.`,
    );
  }

  async function send(origin: "client" | "server", body: unknown): Promise<ChainResult> {
    requireUnclosed();
    const payload = payloadOf(body);
    messages[origin]++;
    bytes[origin] += payload.bytes.length;
    const time = now();
    return run(async () => {
      const message = await chain.message(origin, payload, time);
      if (message.close !== undefined) end = { close: message.close };
      return chainResult(message, chain, time);
    });
  }

  /** What a hook says that no message has called, as the gateway goes about it. */
  function adopt(outcome: Outcome | undefined): void {
    const said = outcome?.kind === "tick" || outcome?.kind === "renew" ? outcome : undefined;
    const renewal = said?.kind === "tick" ? said.renewal : said;
    if (renewal !== undefined) chain.renew(renewal);
    const close = said?.close ?? renewal?.close;
    if (close !== undefined) end = { close };
    if (close !== undefined || (outcome?.kind === "fault" && onError === "close")) chain.isClosed = true;
  }

  function tickingUses(policy: string | undefined): readonly string[] {
    const { seats } = chain;
    const ticking = seats.uses().filter((use) => seats.runs(use, "tick"));
    const meant = ticking.filter((use) => (policy ?? nameOf(use)) === nameOf(use));
    if (meant.length > 0) return meant;
    const whose = policy === undefined ? "No policy of this chain" : `No policy "${policy}" of this chain`;
    throw new Error(
      `${whose} has a \`tick\` hook; those that have one: ${ticking.map(nameOf).join(", ") || "none"}.`,
    );
  }

  return {
    id,

    async upgrade(request) {
      if (request !== undefined) chain = openChain(request);
      const decision = await run(() => chain.upgrade());
      const result =
        "refusal" in decision ? refusedResult(decision.refusal, id) : acceptedResult(decision, contentType);
      refused = result.accepted ? undefined : result.status;
      const { connect, subprotocol, expires } = result;
      chain.open(
        Object.fromEntries(
          Object.entries({ server: connect, subprotocol, expires }).filter(
            ([, value]) => value !== undefined,
          ),
        ),
      );
      return result;
    },

    async unavailable(failure = {}) {
      const whole = { kind: "unreachable", tries: 1, status: 502, ...failure } as const;
      const word = await run(() => chain.unavailable(whole));
      return describeUnavailable(word?.verdict ?? {}, whole);
    },

    client: (body) => send("client", body),
    server: (body) => send("server", body),

    async tick({ late = 0, policy } = {}) {
      requireUnclosed();
      const time = now();
      return run(async () => {
        const sum = new SaidSum(chain, time);
        for (const use of tickingUses(policy)) {
          const outcome = await chain.timed(use, "tick", { late }, time);
          adopt(outcome);
          if (outcome?.kind === "tick") await sum.addTick(use, outcome);
          if (chain.isClosed) break;
        }
        return sum.tick();
      });
    },

    async renew() {
      requireUnclosed();
      const time = now();
      return run(async () => {
        const sum = new SaidSum(chain, time);
        for (const use of chain.seats.renewers()) {
          const outcome = await chain.timed(use, "renew", { reason: "request", data: null }, time);
          adopt(outcome);
          if (outcome?.kind === "renew") await sum.addRenewal(use, outcome);
          if (chain.isClosed) break;
        }
        return sum.renewal();
      });
    },

    async close(told = {}) {
      requireOpen();
      isOver = true;
      const { code = 1000, reason = "" } = end.close ?? {};
      const initiator = chain.isClosed ? ("policy" as const) : ("client" as const);
      const { duration: durationMs = now() - openedAt, ...rest } = told;
      await run(() => chain.end({ initiator, code, reason, durationMs, messages, bytes, ...rest }));
    },

    dispose,
    [Symbol.dispose]: dispose,
  };

  function dispose(): void {
    for (const seat of seats) seat.close();
    isOver = true;
  }
}

function nameOf(use: string): string {
  return shownName(policyOfUse(use));
}
