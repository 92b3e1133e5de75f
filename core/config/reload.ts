import type { FixedConfig, GatewayConfig, LiveConfig } from "./gateway-config.ts";
import type { FixedListenerConfig, ListenerConfig } from "./options/listener.ts";

/** What a gateway goes by after a reload: all that can change while it runs is the newest. */
export function takeLive(running: GatewayConfig, newest: GatewayConfig): GatewayConfig {
  const { trustedProxies: _, ...rest } = running;
  return { ...rest, ...liveParts(newest) };
}

/** What a gateway goes by when a version of its source says routes, and what they go by; the machine's own stays as it runs. */
export function takeVersion(running: GatewayConfig, newest: GatewayConfig): GatewayConfig {
  const { routes, upstreams, connectAllow, originProfiles, corsProfiles, mirror, rollout, upgradeRate } =
    newest;
  const { grants } = newest.capabilities;
  return {
    ...running,
    ...{ routes, upstreams, connectAllow, originProfiles, corsProfiles, mirror, rollout, upgradeRate },
    capabilities: { ...running.capabilities, grants },
  };
}

function liveParts(config: LiveConfig): LiveConfig {
  const { listen, drain, capabilities, corsProfiles, originProfiles, routes, upstreams, connectAllow } =
    config;
  const { alerts, log, traffic, sinks, redact, upgradeRate, mirror, rollout, secretTexts, trustedProxies } =
    config;
  return {
    ...{ listen, drain, capabilities, corsProfiles, originProfiles, routes, upstreams, connectAllow },
    ...{ alerts, log, traffic, sinks, redact, upgradeRate, mirror, rollout, secretTexts },
    ...(trustedProxies !== undefined && { trustedProxies }),
  };
}

/** What has changed and waits for the next start, in the words of the config. */
export function findRestartChanges(running: GatewayConfig, newest: GatewayConfig): string[] {
  const [before, after] = [fixedParts(running), fixedParts(newest)];
  const changed = Object.keys(before).filter((name) => !isSame(before[name], after[name]));
  return [...changed, ...findListenerChanges(running.listen, newest.listen)];
}

/** A key of the type that is not here does not compile. */
function fixedParts(config: FixedConfig): Readonly<Record<string, unknown>> {
  const { maxResultBytes, ...limits } = config.sandbox.limits;
  const parts: Record<keyof FixedConfig, unknown> = {
    console: config.console,
    workers: config.workers,
    workerSilenceMs: config.workerSilenceMs,
    maxConnections: config.maxConnections,
    policiesDir: config.policiesDir,
    source: config.source,
    packs: config.packs,
    sandbox: { ...config.sandbox, limits },
    watchConfig: config.watchConfig,
    traces: config.traces,
    metrics: config.metrics,
    kv: config.kv,
    cluster: config.cluster,
    file: config.file,
    upstreamOverride: config.upstreamOverride,
  };
  // No option of its own: it follows from the routes.
  return { ...parts, "the largest maxMessageSize (for messages that policies make)": maxResultBytes };
}

/** Of listeners that stay; a new one gets all that it is to have. */
function findListenerChanges(
  running: readonly ListenerConfig[],
  newest: readonly ListenerConfig[],
): string[] {
  return newest.flatMap((listener, index) => {
    const { host, port, socket } = listener;
    const same = running.find((each) => each.host === host && each.port === port && each.socket === socket);
    if (same === undefined) return [];
    const [before, after] = [fixedListenerParts(same), fixedListenerParts(listener)];
    return Object.keys(before)
      .filter((option) => before[option] !== after[option])
      .map((option) => `listen[${index}].${option}`);
  });
}

/** As `fixedParts`, of one listener. */
function fixedListenerParts({ backlog, reusePort }: FixedListenerConfig): Readonly<Record<string, unknown>> {
  const parts: Record<keyof FixedListenerConfig, unknown> = { backlog, reusePort };
  return parts;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
