import type { Tally } from "../../../sandbox/contract/stats.ts";
import type { Logger } from "../../log.ts";
import { percentileMs, showShare } from "../../rollout/health.ts";
import type { RolloutNews } from "../../rollout/rollout-state.ts";
import type { Stray } from "../../rollout/strays.ts";

/** What a version on its way does, for people. */
export function logRollout(logger: Logger, policy: string, news: RolloutNews): void {
  const { what, version } = news;
  switch (what) {
    case "begun":
    case "moved":
      return logger.info({ ...placeOf(policy, news), step: news.step + 1 }, "policy rollout");
    case "taken back": {
      const { rule, detail, step, numbers } = news;
      const fields = { rule, step: step + 1, canary: sumUp(numbers.canary), before: sumUp(numbers.stable) };
      return logger.error(
        { ...placeOf(policy, news), ...fields },
        `policy "${policy}" is taken back to the version before: ${detail}`,
      );
    }
    default:
      return logger.info({ policy, version }, `policy rollout ${what}`);
  }
}

/** In a fleet: this machine has started with a version that the others have not got, and has none before it. */
export function logStray(logger: Logger, { policy, version, place }: Stray): void {
  if (place.state === "taken back")
    logger.error(
      { policy, version, rule: place.harm.rule },
      `policy "${policy}" starts with a version that the other machines have taken back: ${place.harm.detail}; put the file right`,
    );
  else
    logger.warn(
      { policy, version, share: showShare(place.share) },
      `policy "${policy}" starts with a version that is on its way on the other machines: here all sessions have it`,
    );
}

function placeOf(policy: string, { version, share }: { readonly version: string; readonly share: number }) {
  return { policy, version, share: showShare(share) };
}

function sumUp({ calls, faults, sessions, closes, latency }: Tally) {
  const p99Ms = percentileMs({ latency }, 0.99);
  return {
    calls,
    faults,
    sessions,
    closes,
    ...(p99Ms !== undefined && { p99Ms: Number(p99Ms.toPrecision(3)) }),
  };
}
