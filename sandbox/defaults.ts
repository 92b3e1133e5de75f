import type { HostLimits, PolicyLimits } from "./contract.ts";

export const defaultPolicyLimits: PolicyLimits = {
  messageTimeoutMs: 50,
  upgradeTimeoutMs: 250,
  loadTimeoutMs: 1000,
  asyncTimeoutMs: 2000,
  memoryLimitMb: 128,
  maxResultBytes: 1024 * 1024,
};

export const defaultHostLimits: HostLimits = {
  heartbeatMs: 100,
  silenceMs: 1000,
  maxRssBytes: 1024 * 1024 * 1024,
};
