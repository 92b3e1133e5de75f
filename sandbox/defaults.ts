import type { HostLimits, PolicyLimits } from "./contract/limits.ts";

export const DEFAULT_POLICY_LIMITS: PolicyLimits = {
  messageTimeoutMs: 50,
  upgradeTimeoutMs: 250,
  loadTimeoutMs: 1000,
  asyncTimeoutMs: 2000,
  memoryLimitMb: 128,
  maxResultBytes: 1024 * 1024,
};

export const DEFAULT_HOST_LIMITS: HostLimits = {
  heartbeatMs: 100,
  silenceMs: 1000,
  maxRssBytes: 1024 * 1024 * 1024,
  quarantineMs: 600_000,
  os: "auto",
};
