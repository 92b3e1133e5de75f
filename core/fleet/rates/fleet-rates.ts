import { hash } from "node:crypto";
import {
  type AskBook,
  type Claim,
  type Lease,
  type OnStoreLoss,
  RateBook,
  watchSilence,
} from "../../../sandbox/index.ts";
import type { FleetStore } from "../store.ts";
import { ANSWER_PATIENCE_MS, isBusy } from "../store-faults.ts";
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

/** Of a Redis Cluster a node may hang while the others answer: keys are silent by part. */
const PARTS = 32;
/** With `closed` nobody asks sooner. */
const CLOSED_MS = 1_000;
/** Of a Redis Cluster a part may be lost: it is back when nothing has failed for so long. */
const QUIET_MS = 1_000;

/** One that is old is no silence while others of its part are answered. */
interface Part {
  silence: ReturnType<typeof watchSilence>;
  /** Those who do, to be let go. */
  readonly waiting: Set<() => void>;
  /** Questions were given up, and nothing has been heard since. */
  isSilent: boolean;
}

/** The book of rates of a fleet, in Redis; while that cannot be asked each limit goes by its `onStoreLoss`. */
export function createFleetRates(options: FleetRatesOptions): FleetRates {
  const { store, nodes, onLost, onBack, read = () => performance.now() } = options;
  const own = new RateBook(read);
  const counts = { local: 0, closed: 0, open: 0 };
  let isLost = false;
  let failedAt = 0;
  const parts = Array.from({ length: PARTS }, newPart);

  function newPart(): Part {
    const watch = () => watchSilence(ANSWER_PATIENCE_MS, onSilent);
    const part: Part = { silence: watch(), waiting: new Set(), isSilent: false };
    function onSilent(): void {
      part.silence = watch();
      part.isSilent = true;
      for (const giveUp of part.waiting) giveUp();
      lose(`it gave no answer for ${ANSWER_PATIENCE_MS} ms`);
    }
    return part;
  }

  async function ask(claim: Claim): Promise<Lease> {
    const tag = tagOf(claim);
    const part = parts[Buffer.from(tag.slice(0, 4), "base64url").readUInt8() % PARTS] as Part;
    if (part.isSilent) return decide(claim);
    const { promise, resolve } = Promise.withResolvers<Lease | undefined>();
    const giveUp = () => resolve(undefined);
    part.waiting.add(giveUp);
    void askStore(claim, tag, part).then(resolve);
    const lease = await promise;
    part.waiting.delete(giveUp);
    return lease ?? decide(claim);
  }

  /** Undefined: it could not be asked. */
  async function askStore(claim: Claim, tag: string, part: Part): Promise<Lease | undefined> {
    const { silence } = part;
    silence.begin();
    try {
      const keys = [store.key(tag, "rate")] as const;
      const lease = readLease(await store.script(leaseRate, { keys, args: argsOf(claim) }));
      part.isSilent = false;
      if (isLost && read() - failedAt > QUIET_MS) {
        isLost = false;
        onBack();
      }
      return lease;
    } catch (error) {
      part.isSilent = false;
      // A link that takes no more now is none that is lost. Of what goes back nobody misses anything, and it may still go when the gateway has stopped.
      if (claim.count >= 0 && !isBusy(error)) lose((error as Error).message);
      return undefined;
    } finally {
      silence.end();
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
