import type { SandboxStats } from "../contract/stats.ts";
import type { ChoosingPolicies, PinnedPolicies, Sandbox } from "../contract.ts";

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

    pin: (policies) => pinBoth(main, apart, policies),
    choose(isCanary): ChoosingPolicies {
      const [ours, theirs] = [main.choose(isCanary), apart.choose(isCanary)];
      const choosingOf = (policy: string) => (isApart(policy) ? theirs : ours);
      return {
        exports: (policy) => choosingOf(policy).exports(policy),
        seat: (binding, ...rest) => choosingOf(binding.policy).seat(binding, ...rest),
        pin: (policies) => pinBoth(ours, theirs, policies),
      };
    },
    reviewSides() {
      main.reviewSides();
      apart.reviewSides();
    },
    promote: (policy, version) => of(policy).promote(policy, version),
    withdraw: (policy) => of(policy).withdraw(policy),
    takeTallies: () => [...main.takeTallies(), ...apart.takeTallies()],

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

  function pinBoth(
    one: Pick<Sandbox, "pin">,
    other: Pick<Sandbox, "pin">,
    policies: readonly string[],
  ): PinnedPolicies {
    const ours = one.pin(policies.filter((policy) => !isApart(policy)));
    const theirs = other.pin(policies.filter(isApart));
    const pinOf = (policy: string) => (isApart(policy) ? theirs : ours);
    return {
      exports: (policy) => pinOf(policy).exports(policy),
      seat: (binding, ...rest) => pinOf(binding.policy).seat(binding, ...rest),
      settle() {
        ours.settle();
        theirs.settle();
      },
      release() {
        ours.release();
        theirs.release();
      },
    };
  }
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
