import { createSandbox, type Inspector, splitSandbox } from "../../sandbox/index.ts";

/** As long as a timer can be, for what has no limit while somebody looks at it: eleven days. */
const FOREVER_MS = 1e9;
const SILENCE_MS = 60_000;
const HOST_MEMORY = 4;

/** Makes sandboxes in which this policy has a host process of its own, where no limit of time holds. */
export function inspectPolicy(policy: string, inspector: Inspector): typeof createSandbox {
  return async (options) => {
    const { limits, host } = options;
    const main = await createSandbox(options);
    const apart = await createSandbox({
      ...options,
      warmSpare: false,
      inspector,
      limits: {
        ...limits,
        messageTimeoutMs: FOREVER_MS,
        upgradeTimeoutMs: FOREVER_MS,
        loadTimeoutMs: FOREVER_MS,
        asyncTimeoutMs: FOREVER_MS,
      },
      host: { ...host, silenceMs: SILENCE_MS, maxRssBytes: host.maxRssBytes * HOST_MEMORY },
    });
    return splitSandbox(main, apart, (name) => name === policy);
  };
}
