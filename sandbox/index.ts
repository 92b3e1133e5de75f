export { type BrokerOptions, createBroker, type GrantingBroker } from "./broker/broker.ts";
export { CapabilityError } from "./broker/errors.ts";
export { createFetcher, type Fetcher, type FetchRequest } from "./broker/fetch.ts";
export { type FetchGrant, findGrant, type Grant, type Grants, namespaceOf } from "./broker/grants.ts";
export type { KvStore } from "./broker/kv-store.ts";
export { createMemoryKv, type MemoryKvOptions } from "./broker/memory-kv.ts";
export { createOverlayKv, type OverlayKv } from "./broker/overlay-kv.ts";
export { createRedisKv, type RedisKvOptions } from "./broker/redis-kv.ts";
export { adoptJail, findJail, type Jail, type JailFacts } from "./client/jail/jail.ts";
export type { DebuggerMessage, InspectedIsolate, Inspector } from "./client/policy/inspector.ts";
export { QuarantineBook } from "./client/policy/quarantine-book.ts";
export { WORKER_GROUP } from "./client/process/host-pool.ts";
export { killGroup } from "./client/process/kill-group.ts";
export { readThreadTime } from "./client/process/thread-time.ts";
export { createSandbox, type SandboxOptions } from "./client/sandbox.ts";
export { splitSandbox } from "./client/split-sandbox.ts";
export type { TestClock } from "./client/test-clock.ts";
export { ISOLATES_FLAG, isMadeForIsolates } from "./client/transport/made-for-isolates.ts";
export { DEFAULT_HOST_LIMITS, DEFAULT_POLICY_LIMITS } from "./defaults.ts";
export { SandboxError, type SandboxErrorCode } from "./errors.ts";
export {
  type AskBook,
  type Claim,
  LEASE_MS,
  LEASED_SHARE,
  type Lease,
  type OnStoreLoss,
  type RateKey,
  type TakeRate,
} from "./rates/claim.ts";
export { MAX_KEYS, RateBook, takeFromMemory } from "./rates/rate-book.ts";
export { countIn, type FullAt, type Refill, takeFrom } from "./rates/refill.ts";
export type { RedisReply, ServerTls } from "./redis/connection.ts";
export { RedisError, type RedisErrorCode } from "./redis/errors.ts";
export { openRedisLink, type RedisLink, type RedisLinkOptions, type RedisLogin } from "./redis/link.ts";
export { defineRedisScript, type RedisScript, type ScriptInput } from "./redis/script.ts";
export { watchSilence } from "./redis/silence-watch.ts";
export type { Subscription } from "./redis/subscriber.ts";
