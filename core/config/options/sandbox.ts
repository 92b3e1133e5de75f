import type { z } from "zod";
import type { HostLimits, PolicyLimits } from "../../../sandbox/contract/limits.ts";
import { type Isolation, isolationLevel } from "./isolation.ts";
import type { SessionConfig } from "./route/session.ts";
import { choice, flag, section } from "./schema-parts.ts";
import { durationOrZero, limitedDuration, size } from "./units.ts";

const MIB = 1024 ** 2;

export interface SandboxConfig {
  readonly limits: PolicyLimits;
  readonly host: HostLimits;
  readonly warmSpare: boolean;
  /** Of the folder's policies, where neither their use nor their route says it. */
  readonly isolation: Isolation;
}

export const sandboxSchema = section(
  "SandboxInput",
  {
    messageTimeout: limitedDuration()
      .prefault("50ms")
      .describe(
        "Longest synchronous run of one `client`, `server` or `close` hook, and a millisecond more for each 128 KiB that it is given, up to `upgradeTimeout`.",
      ),
    upgradeTimeout: limitedDuration()
      .prefault("250ms")
      .describe("Longest synchronous run of one `upgrade` hook."),
    loadTimeout: limitedDuration()
      .prefault("1s")
      .describe("Longest run of a policy's top level when it is loaded."),
    asyncTimeout: limitedDuration()
      .prefault("2s")
      .describe("Longest time until the promise of an async hook settles."),
    memoryLimit: size(8 * MIB, "8MiB")
      .prefault("128MiB")
      .describe("Heap of one policy, in bytes or with a unit, at least 8MiB."),
    heartbeat: limitedDuration()
      .prefault("100ms")
      .describe("How often the sandbox host is asked whether it is alive."),
    silence: limitedDuration()
      .prefault("1s")
      .describe(
        "A sandbox host that has not answered for so long is replaced; on Linux one that hangs in a policy is replaced as soon as it has used a fortieth of that as CPU time, at least 25 ms, beyond the time that the policy may take.",
      ),
    maxMemory: size(64 * MIB, "64MiB")
      .prefault("1GiB")
      .describe("A sandbox host whose resident memory is above this is replaced, in bytes or with a unit."),
    quarantine: durationOrZero("never")
      .prefault("10m")
      .describe(
        "A version of a policy that has cost its sandbox host (hung, crashed, too much memory, nonsense) runs in one of its own until it has behaved for so long; 0: never.",
      ),
    os: choice(["auto", "require", "off"])
      .prefault("auto")
      .describe(
        'Whether the operating system walls sandbox hosts in as well (Linux, with bubblewrap): "auto" as far as it can, with a warning where it cannot; "require": or else the gateway does not start; "off".',
      ),
    warmSpare: flag()
      .prefault(true)
      .describe(
        "Keep a second sandbox host ready to take over, with the policies that are used loaded ahead.",
      ),
    isolation: isolationLevel()
      .prefault("shared")
      .describe(
        'Which process policies of the folder run in, for each worker, unless their route or their use says it: a host process "shared" with others, each in its "own" (about 50 MiB each), or the "worker" itself, which one that hangs or crashes takes with it.',
      ),
  },
  "an object of limits",
);

/** @param routes their largest message is what a policy may make */
export function resolveSandbox(
  parsed: z.output<typeof sandboxSchema>,
  routes: readonly { readonly session: Pick<SessionConfig, "limits"> }[],
): SandboxConfig {
  const sizes = routes.flatMap(({ session: { limits } }) => [
    limits.client.maxMessageBytes,
    limits.server.maxMessageBytes,
  ]);
  return {
    limits: {
      messageTimeoutMs: parsed.messageTimeout,
      upgradeTimeoutMs: parsed.upgradeTimeout,
      loadTimeoutMs: parsed.loadTimeout,
      asyncTimeoutMs: parsed.asyncTimeout,
      memoryLimitMb: Math.floor(parsed.memoryLimit / MIB),
      maxResultBytes: Math.max(MIB, ...sizes),
    },
    host: {
      heartbeatMs: parsed.heartbeat,
      silenceMs: parsed.silence,
      maxRssBytes: parsed.maxMemory,
      quarantineMs: parsed.quarantine,
      os: parsed.os,
    },
    warmSpare: parsed.warmSpare,
    isolation: parsed.isolation,
  };
}
