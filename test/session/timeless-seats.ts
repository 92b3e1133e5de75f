import type { SessionSeats } from "../../core/session/session-setup.ts";

/** Places in policies that have no hooks, of which a test has its own. */
export const timelessSeats: SessionSeats = {
  onLasting() {},
  chain: () => [],
  policyChain: () => [],
  held: 0,
  heldUntil: 0,
  isHoldable: true,
  letGo() {},
  policies: () => [],
  async end() {},
  hasTicks: false,
  intervals: () => new Map(),
  uses: () => [],
  renewers: () => [],
  runs: () => false,
  timedSeat: () => undefined,
  useOf: ({ policy }) => policy,
  versionOf: () => "",
  pathTo: () => [],
  renew: (attributes = {}) => attributes,
};
