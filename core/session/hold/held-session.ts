import { setTimeout as delay } from "node:timers/promises";
import { policyOfUse } from "../../routes/use-key.ts";
import type { EndGrounds, SessionEnd } from "../../session-end.ts";
import type { Agreement } from "../../upgrade/agree-with-server.ts";
import type { HeldUpgrade } from "../../upgrade/hold/held-upgrade.ts";
import { mayPass } from "../../upgrade/server-failure.ts";
import type { CloseStatus } from "../../wire/close-payload.ts";
import { faultGrounds } from "../broken-rule.ts";
import { EndLedger, EXPIRED, expiryGrounds } from "../end-ledger.ts";
import type { SenderLast } from "../relay/control-reader.ts";
import { RouteSeats } from "../session-seats.ts";
import { HeldClient, type HeldClientOwner } from "./held-client.ts";
import { retryDelayMs } from "./retry-delay.ts";

/** How a hold has ended, if not with the client's own going. */
export interface HoldResult {
  readonly outcome: "reached" | "unavailable" | "refused" | "ended";
  /** URL of the server; "": there is none. */
  readonly server: string;
  readonly policy: string;
  readonly tries: number;
  readonly durationMs: number;
}

export interface HeldSessionOwner {
  onHoldEnd(session: HeldSession, result: HoldResult): void;
  /** It has its server: a session of both is to follow. @param sent by the client meanwhile */
  onReached(session: HeldSession, agreement: Agreement, sent: Buffer): void;
  /** The client has gone without a server; the policies' `close` hooks are still to run. */
  onEnd(session: HeldSession, end: SessionEnd): void;
  /** @param closeHooks settles when the policies' `close` hooks have */
  onLeave(session: HeldSession, closeHooks: Promise<void>): void;
}

/** A client that has been let in while there is no server, and the asking for one: until it is there, the time is over, or the client goes. */
export class HeldSession implements HeldClientOwner {
  readonly #held: HeldUpgrade;
  readonly #owner: HeldSessionOwner;
  readonly #client: HeldClient;
  readonly #seats: RouteSeats;
  readonly startedAt = performance.now();
  /** Aborts when no server is wanted any more. */
  readonly #over = new AbortController();
  #tries: number;
  /** Why the last one could not be had. */
  #failure = "";
  readonly #ledger = new EndLedger();
  #isToRenew = false;
  #deadline: NodeJS.Timeout | undefined;

  constructor(held: HeldUpgrade, owner: HeldSessionOwner) {
    const { hold, upgrade } = held;
    const { id, policies, context, types, client } = upgrade;
    const { passesAny, ...limits } = upgrade.runtime.config.session.limits.client;
    this.#held = held;
    this.#owner = owner;
    this.#tries = held.tries;
    this.#seats = new RouteSeats({
      ...{ sandbox: policies.sandbox, route: policies.route, id, types },
      context: JSON.stringify(context),
    });
    this.#client = new HeldClient(client.socket, {
      mostMessages: hold.messages,
      mostBytes: hold.bytes,
      place: held.place,
      ...limits,
      ...(passesAny && { maxMessageBytes: Number.POSITIVE_INFINITY }),
      owner: this,
    });
  }

  get upgrade(): HeldUpgrade["upgrade"] {
    return this.#held.upgrade;
  }

  get id(): string {
    return this.upgrade.id;
  }

  get route(): string {
    return this.upgrade.runtime.name;
  }

  get runtime(): HeldUpgrade["upgrade"]["runtime"] {
    return this.upgrade.runtime;
  }

  get recycleSpreadMs(): number | undefined {
    return this.upgrade.policies.recycleSpreadMs;
  }

  get traffic(): Pick<SessionEnd, "messages" | "bytes"> {
    const { messages, payloadBytes } = this.#client;
    return { messages: { client: messages, server: 0 }, bytes: { client: payloadBytes, server: 0 } };
  }

  get bufferedBytes(): { readonly client: number; readonly server: number } {
    return { client: this.#client.bufferedBytes, server: 0 };
  }

  get ageMs(): number {
    return performance.now() - this.startedAt;
  }

  get policies(): ReturnType<RouteSeats["policies"]> {
    return this.#seats.policies();
  }

  start(): void {
    const { hold, policy, head } = this.#held;
    const { expires = Number.POSITIVE_INFINITY } = this.upgrade.context;
    const expiresInMs = expires - Date.now();
    // A version that comes meanwhile has not held it.
    const by = this.#identify(policy);
    this.#deadline =
      expiresInMs < hold.forMs
        ? setTimeout(() => this.#expire(expires), expiresInMs)
        : setTimeout(() => this.#fail(hold.close, "unavailable", by), hold.forMs);
    this.#deadline.unref();
    this.#client.start(head);
    void this.#ask();
  }

  close(status: CloseStatus, grounds: EndGrounds): void {
    this.#close(status, grounds, "ended");
  }

  destroy(): void {
    this.#leave("ended");
    this.#client.destroy();
  }

  /** It reads no messages yet. */
  get held(): number {
    return 0;
  }

  get isHoldable(): boolean {
    return true;
  }

  say(): "no-server" {
    return "no-server";
  }

  tell(text: string): void {
    this.#client.tell(text);
  }

  /** Those hooks are called when it has its server, and of that nobody knows the time. */
  async renew(): Promise<"held" | "no-hook" | "ended"> {
    if (this.#over.signal.aborted) return "ended";
    if (this.#seats.renewers().length === 0) return "no-hook";
    this.#isToRenew = true;
    return "held";
  }

  /** It has been asked for, and its policies know nothing of it yet. */
  get isToRenew(): boolean {
    return this.#isToRenew;
  }

  /** It reads no more than it holds, and its chain is looked at when it begins. */
  relieve(): void {}

  review(): void {}

  /** Of a client that is held nothing passes. */
  tellTo(): void {}

  onLast({ status, cause }: SenderLast): void {
    const grounds: EndGrounds =
      cause === "peer" ? { cause, detail: "" } : { cause: "protocol", ...faultGrounds(status.reason) };
    if (cause === "peer") this.#ledger.sent("client", status);
    this.#ledger.record("client", status, grounds);
    this.#ledger.got("client", status);
    this.#leave("ended");
  }

  onAnswer(status: CloseStatus): void {
    this.#ledger.sent("client", status);
  }

  onVanished(how: "FIN" | "reset"): void {
    this.#ledger.record("client", { code: 1006, reason: "" }, { cause: "vanished", detail: how });
    this.#leave("ended");
  }

  onGone(): void {
    clearTimeout(this.#deadline);
    const end: SessionEnd = {
      ...this.#ledger.read(),
      durationMs: Math.round(this.ageMs),
      ...this.traffic,
    };
    this.#owner.onEnd(this, end);
    const closeHooks = this.#seats.end(end);
    this.#held.place.leave();
    this.upgrade.held.giveBack();
    this.#owner.onLeave(this, closeHooks);
  }

  async #ask(): Promise<void> {
    const { signal } = this.#over;
    for (let failures = 1; !signal.aborted; failures++) {
      const { heldClients } = this.#held.place;
      const waitMs = retryDelayMs({ failures, heldClients, random: Math.random() });
      await delay(waitMs, undefined, { signal, ref: false }).catch(() => {});
      if (signal.aborted) return;
      const result = await this.#held.agree(signal, () => {
        this.#tries++;
      });
      if (!("refusal" in result)) return this.#take(result);
      this.#failure = result.refusal.detail;
      if (!mayPass(result.refusal)) return this.#fail(REFUSED, "refused");
    }
  }

  #take(agreement: Agreement): void {
    const promised = this.upgrade.context.subprotocol;
    const agrees = agreement.subprotocol === promised;
    if (agrees && !this.#over.signal.aborted) return this.#reach(agreement);
    agreement.server.socket.destroy();
    agreement.release();
    this.#failure = `${agreement.server.url} agreed on the subprotocol "${agreement.subprotocol}", the client was told "${promised}"`;
    this.#fail(REFUSED, "refused");
  }

  #reach(agreement: Agreement): void {
    clearTimeout(this.#deadline);
    this.#over.abort();
    this.#tell("reached", agreement.server.url);
    this.#held.place.leave();
    this.#owner.onReached(this, agreement, this.#client.take());
  }

  #fail(status: CloseStatus, outcome: "unavailable" | "refused", by?: EndGrounds["by"]): void {
    const grounds = { cause: "unavailable", detail: this.#failure, ...(by && { by }) } as const;
    this.#close(status, grounds, outcome);
  }

  #expire(at: number): void {
    const use = this.upgrade.terms?.find(({ expires }) => expires === at)?.use ?? "";
    this.#close(EXPIRED, expiryGrounds(at, this.#identify(policyOfUse(use))), "ended");
  }

  #identify(policy: string): { readonly policy: string; readonly version: string } {
    return { policy, version: this.#seats.versionOf(policy) };
  }

  #close(status: CloseStatus, grounds: EndGrounds, outcome: HoldResult["outcome"]): void {
    if (this.#over.signal.aborted) return;
    this.#ledger.record("gateway", status, grounds);
    this.#ledger.got("client", status);
    this.#leave(outcome);
    this.#client.close(status);
  }

  /** No server is wanted any more. */
  #leave(outcome: HoldResult["outcome"]): void {
    if (this.#over.signal.aborted) return;
    this.#over.abort();
    this.#tell(outcome, "");
    clearTimeout(this.#deadline);
    const { closeTimeoutMs } = this.runtime.config;
    if (closeTimeoutMs === 0) return;
    this.#deadline = setTimeout(() => this.#client.destroy(), closeTimeoutMs);
    this.#deadline.unref();
  }

  #tell(outcome: HoldResult["outcome"], server: string): void {
    const { policy } = this.#held;
    const durationMs = Math.round(this.ageMs);
    this.#owner.onHoldEnd(this, { outcome, server, policy, tries: this.#tries, durationMs });
  }
}

/** It could be had, and does not agree with what the client was told. */
const REFUSED: CloseStatus = { code: 1011, reason: "server refused" };
