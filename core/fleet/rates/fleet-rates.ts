import { hash } from "node:crypto";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { type AskBook, type Claim, type Lease, type OnStoreLoss, RateBook } from "../../../sandbox/index.ts";
import type { FleetStore } from "../store.ts";
import { argsOf, leaseRate, readLease } from "./rate-script.ts";

export interface FleetRatesOptions {
  readonly store: Pick<FleetStore, "key" | "script">;
  /** That share the rates, as known last. */
  nodes(): number;
  /** From now on rates go by their `onStoreLoss`. */
  onLost(reason: string): void;
  /** The store counts again. */
  onBack(): void;
  /** Milliseconds of a clock that cannot be set. */
  readonly read?: () => number;
}

/** Decided without the store, since this process started. */
export type DecidedAlone = Readonly<Record<OnStoreLoss, number>>;

export interface FleetRates {
  readonly ask: AskBook;
  /** Upgrades and takes of policies that were decided without the store. */
  alone(): DecidedAlone;
  /** Keys that were forgotten too early meanwhile. */
  forgotten(): number;
}

/** Who waits for a place does not wait longer for a store that gives no answer. */
const PATIENCE_MS = 250;
/** With `closed` nobody asks sooner. */
const CLOSED_MS = 1_000;
/** Of a Redis Cluster a part may be lost: it is back when nothing has failed for so long. */
const QUIET_MS = 1_000;

/** The book of rates of a fleet, in Redis; while that cannot be asked each limit goes by its `onStoreLoss`. */
export function createFleetRates(options: FleetRatesOptions): FleetRates {
  const { store, nodes, onLost, onBack, read = () => performance.now() } = options;
  const own = new RateBook(read);
  const counts = { local: 0, closed: 0, open: 0 };
  let isLost = false;
  let failedAt = 0;
  /** A question was given up, and nothing has been heard since. */
  let isSilent = false;

  async function ask(claim: Claim): Promise<Lease> {
    if (isSilent) return decide(claim);
    const patience = new AbortController();
    const asked = askStore(claim);
    const lease = await Promise.race([asked, giveUp(patience.signal)]);
    patience.abort();
    return lease ?? decide(claim);
  }

  async function giveUp(signal: AbortSignal): Promise<undefined> {
    await delay(PATIENCE_MS, undefined, { signal }).catch(() => {});
    // Whatever has come while this process was held up is read first.
    if (!signal.aborted) await nextTurn();
    if (signal.aborted) return;
    isSilent = true;
    lose(`it gave no answer for ${PATIENCE_MS} ms`);
  }

  /** Undefined: it could not be asked. */
  async function askStore(claim: Claim): Promise<Lease | undefined> {
    try {
      const keys = [store.key(tagOf(claim), "rate")] as const;
      const lease = readLease(await store.script(leaseRate, { keys, args: argsOf(claim) }));
      isSilent = false;
      if (isLost && read() - failedAt > QUIET_MS) {
        isLost = false;
        onBack();
      }
      return lease;
    } catch (error) {
      isSilent = false;
      // Of what goes back nobody misses anything, and it may still go when the gateway has stopped.
      if (claim.count >= 0) lose((error as Error).message);
      return undefined;
    }
  }

  function lose(reason: string): void {
    failedAt = read();
    if (!isLost) onLost(reason);
    isLost = true;
  }

  /** Nothing is leased ahead: what was not spent would go back to a store that has not given it. */
  function decide(claim: Claim): Lease {
    const { count, onStoreLoss, refill } = claim;
    if (count < 0) return { granted: 0, left: 0, waitMs: 0 };
    counts[onStoreLoss] += count;
    switch (onStoreLoss) {
      case "local":
        return own.lease({ ...claim, ahead: 0, refill: shareOf(refill, nodes()) });
      case "closed":
        return { granted: 0, left: 0, waitMs: CLOSED_MS };
      case "open":
        return { granted: count, left: refill.most, waitMs: 0 };
    }
  }

  return {
    ask: (claims) => Promise.all(claims.map(ask)),
    alone: () => ({ ...counts }),
    forgotten: () => own.forgotten,
  };
}

/** Each key is by itself, so that the nodes of a Redis Cluster share them; of one length, whatever clients send. */
function tagOf({ space, key }: Claim): string {
  return hash("sha256", JSON.stringify([space, key]), "base64url").slice(0, 22);
}

/** Of each node: one at least. */
function shareOf({ most, everyMs }: Claim["refill"], nodes: number): Claim["refill"] {
  return { most: Math.max(1, Math.floor(most / nodes)), everyMs: everyMs * nodes };
}
