import { type Level, type RateLimit, TokenBucket } from "./token-bucket.ts";

/** What was let in of a key's bucket since its book was last told. Plain data. */
export interface Settlement {
  readonly key: string;
  readonly limit: RateLimit;
  readonly messages: number;
  readonly bytes: number;
}

/** Of who keeps the book: what each bucket has after that, over all who let in, in their order; undefined: it cannot say. */
export type Settle = (settlements: readonly Settlement[]) => Promise<readonly (Level | undefined)[]>;

/** A key's bucket as one of several has it, who all let in by their own and tell the one book. */
export interface Account {
  readonly key: string;
  readonly limit: RateLimit;
  readonly bucket: TokenBucket;
  /** Let in, and not told yet. */
  messages: number;
  bytes: number;
  /** It is among those that are to be told. */
  isListed: boolean;
  toldAt: number;
}

export function openAccount(key: string, { messages, bytes, perMs }: RateLimit, now: number): Account {
  const limit = { messages, bytes, perMs };
  return {
    ...{ key, limit, bucket: new TokenBucket(limit, now) },
    ...{ messages: 0, bytes: 0, isListed: false, toldAt: Number.NEGATIVE_INFINITY },
  };
}

/** Tells what there is to tell. */
export function takeSettlement(account: Account, now: number): Settlement {
  const { key, limit, messages, bytes } = account;
  Object.assign(account, { messages: 0, bytes: 0, isListed: false, toldAt: now });
  return { key, limit, messages, bytes };
}

/** What was let in since is not in it. */
export function takeOver({ bucket, messages, bytes }: Account, level: Level, now: number): void {
  bucket.lower(now, { messages: level.messages - messages, bytes: level.bytes - bytes });
}

/** So much of a bucket's that nobody else knows of it should not be for long. */
export function isMuch({ limit, messages, bytes }: Account): boolean {
  return isMuchOf(limit.messages, messages) || isMuchOf(limit.bytes, bytes);
}

function isMuchOf(most: number, count: number): boolean {
  return most > 0 && count * MUCH >= most;
}

const MUCH = 16;
