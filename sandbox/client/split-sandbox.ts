import type { PinnedPolicies, Sandbox, SandboxStats } from "../contract.ts";

/** Two sandboxes that look like one: some policies live in a host of their own, and what that host does is theirs alone. */
export function splitSandbox(main: Sandbox, apart: Sandbox, isApart: (policy: string) => boolean): Sandbox {
  const of = (policy: string) => (isApart(policy) ? apart : main);

  return {
    prepare: (bundle) => of(bundle.name).prepare(bundle),
    expectVersions: () => main.expectVersions(),
    remove: (policy) => of(policy).remove(policy),
    isolate: (groups) => main.isolate(groups),
    quarantine: (entries) => main.quarantine(entries),
    exports: (policy) => of(policy).exports(policy),
    seat: (binding, ...rest) => of(binding.policy).seat(binding, ...rest),
    isSeated: (policy) => of(policy).isSeated(policy),

    pin(policies): PinnedPolicies {
      const ours = main.pin(policies.filter((policy) => !isApart(policy)));
      const theirs = apart.pin(policies.filter(isApart));
      const pinOf = (policy: string) => (isApart(policy) ? theirs : ours);
      return {
        exports: (policy) => pinOf(policy).exports(policy),
        seat: (binding, ...rest) => pinOf(binding.policy).seat(binding, ...rest),
        release() {
          ours.release();
          theirs.release();
        },
      };
    },

    pinnedVersions: () => new Map([...main.pinnedVersions(), ...apart.pinnedVersions()]),

    // Of the main one only: what waits for a policy apart must hold up nobody else. Each connection has its own bound.
    get pendingBytes() {
      return main.pendingBytes;
    },

    stats: () => sumStats(main.stats(), apart.stats()),

    async close() {
      await Promise.all([main.close(), apart.close()]);
    },
  };
}

function sumStats(one: SandboxStats, other: SandboxStats): SandboxStats {
  return {
    policies: [...one.policies, ...other.policies],
    batches: {
      calls: one.batches.calls + other.batches.calls,
      upTo: one.batches.upTo.map(([calls, count], index) => [
        calls,
        count + (other.batches.upTo[index]?.[1] ?? 0),
      ]),
    },
    host: {
      rssBytes: one.host.rssBytes + other.host.rssBytes,
      cpuUs: one.host.cpuUs + other.host.cpuUs,
    },
  };
}
