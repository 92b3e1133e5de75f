import type { ChainSession } from "../../core/chain/chain-session.ts";
import { type RenewResult, renewResult, type TickResult, tickResult } from "../../runtime/results.ts";
import type { Payload, Side } from "../../sandbox/contract/hooks.ts";
import type { Initiative, Outcome, Renewal } from "../../sandbox/contract/verdicts.ts";

type SaidTick = Extract<Outcome, { readonly kind: "tick" }>;

/** What hooks of a chain say that no message has called, together: what peers get of it has passed the rest of the chain. */
export class SaidSum {
  readonly #chain: ChainSession;
  readonly #time: number;
  #said: Initiative = NOTHING;
  #renewal: Renewal | undefined;

  constructor(chain: ChainSession, time: number) {
    this.#chain = chain;
    this.#time = time;
  }

  async addTick(use: string, said: SaidTick): Promise<void> {
    const { close, tick, renewal } = said;
    const sent = await this.#pass(use, said);
    this.#said = { ...merge(this.#said, sent), ...(close && { close }), ...(tick !== undefined && { tick }) };
    if (renewal !== undefined) await this.addRenewal(use, renewal);
  }

  async addRenewal(use: string, renewal: Renewal): Promise<void> {
    const before = this.#renewal ?? NOTHING;
    const attributes = { ...this.#renewal?.attributes, ...renewal.attributes };
    this.#renewal = {
      ...{ ...before, ...renewal, ...merge(before, await this.#pass(use, renewal)) },
      ...(Object.keys(attributes).length > 0 && { attributes }),
    };
  }

  tick(): TickResult {
    return tickResult({
      ...{ kind: "tick", ...this.#said },
      ...(this.#renewal && { renewal: this.#renewal }),
    });
  }

  renewal(): RenewResult {
    return renewResult({ kind: "renew", ...NOTHING, ...this.#renewal });
  }

  /** Each passes the policies between the hook that sends it and its receiver. */
  async #pass(use: string, said: Initiative): Promise<Sent> {
    const got: Record<Side, Payload[]> = { client: [], server: [] };
    const send = async (side: Side, payloads: readonly Payload[]) => {
      const sender = side === "client" ? "server" : "client";
      for (const payload of payloads) {
        const { body, replies, appended } = await this.#chain.passOn(side, payload, use, this.#time);
        got[side].push(...(body === undefined ? [] : [body]), ...appended);
        got[sender].push(...replies);
      }
    };
    await send("client", said.toClient);
    await send("server", said.toServer);
    return { toClient: got.client, toServer: got.server };
  }
}

type Sent = Pick<Initiative, "toClient" | "toServer">;

const NOTHING: Sent = { toClient: [], toServer: [] };

function merge(before: Sent, more: Sent): Sent {
  return {
    toClient: [...before.toClient, ...more.toClient],
    toServer: [...before.toServer, ...more.toServer],
  };
}
