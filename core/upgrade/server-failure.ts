import type { ServerFailure } from "../../sandbox/policy-api.ts";
import type { Refusal, RefusalCode } from "../request/refusal.ts";

/** What policies are told of a server that cannot be had. One that has said no by itself can, and so can none that is not allowed. */
const KINDS: Readonly<Partial<Record<RefusalCode, ServerFailure["kind"]>>> = {
  ERR_UPSTREAM_UNREACHABLE: "unreachable",
  ERR_UPSTREAM_CONNECT_TIMEOUT: "connect-timeout",
  ERR_UPSTREAM_HANDSHAKE_TIMEOUT: "handshake-timeout",
  ERR_UPSTREAM_BAD_HANDSHAKE: "bad-handshake",
  ERR_UPSTREAM_BUSY: "busy",
  ERR_UPSTREAM_DRAINED: "drained",
};

/** Undefined: that is not why. */
export function failureKind({ code }: Pick<Refusal, "code">): ServerFailure["kind"] | undefined {
  return KINDS[code];
}

/** It may be another in a while: a server that is about to start often says so by a 5xx of its own. */
export function mayPass(refusal: Pick<Refusal, "code" | "status">): boolean {
  if (refusal.code === "ERR_UPSTREAM_REFUSED") return (refusal.status ?? 0) >= 500;
  return failureKind(refusal) !== undefined;
}
