import type { QuarantineEntry } from "../../../sandbox/contract/faults.ts";
import type { GatewayConfig } from "../../config/index.ts";
import { createEventLog } from "../../event-log.ts";
import type { EmitEvent } from "../../events.ts";
import type { Logger } from "../../log.ts";
import type { GatewayMetrics } from "../../metrics/gateway-metrics.ts";
import type { LiveRules } from "../../redaction/live-rules.ts";
import { createTraces } from "../../telemetry/traces.ts";
import type { Current } from "../current.ts";
import { KvOutage } from "./kv-outage.ts";
import { tellObservers } from "./observers.ts";
import { ShadowNewsOnce } from "./shadow-news.ts";
import type { Wording } from "./wording.ts";

export interface NewsOptions {
  readonly config: Pick<GatewayConfig, "traces">;
  readonly logger: Logger;
  readonly rules: LiveRules;
  readonly metrics: Pick<GatewayMetrics, "countSpans">;
  readonly current: Pick<Current, "findRoute">;
  readonly word: Wording["event"];
  /** Who is told beside log and traces. */
  readonly observers: Readonly<Record<string, EmitEvent>>;
  readonly isStopping: () => boolean;
  /** @returns whether it is news */
  takeQuarantine(entry: QuarantineEntry): boolean;
}

/** What workers and the gateway itself have seen, told to all who watch. */
export interface News {
  readonly emit: EmitEvent;
  /** Settles when what traces tell has left. */
  close(): Promise<void>;
}

export function createNews(options: NewsOptions): News {
  const { config, logger, rules, metrics, current, observers, takeQuarantine } = options;
  const kvOutage = new KvOutage(options.isStopping);
  const shadowNews = new ShadowNewsOnce();
  const logEvent = createEventLog(logger, (route) => current.findRoute(route)?.config.routeLog, {
    word: options.word,
  });
  const traces =
    config.traces &&
    createTraces(config.traces, {
      ...{ logger, rules },
      count: metrics.countSpans,
      policiesOf: (route) => current.findRoute(route)?.chain.map(({ policy }) => policy) ?? [],
    });
  const tell = tellObservers(
    { log: logEvent, ...(traces && { traces: traces.observe }), ...observers },
    ({ observer, event, error, count }) =>
      logger.error(
        { observer, event, count, problem: String(error) },
        "an event could not be observed; please report this",
      ),
  );
  return {
    emit(event) {
      // Each worker tells what it has seen; it is said once.
      const isNews = event.type === "policy-quarantined" ? takeQuarantine(event.entry) : kvOutage.take(event);
      if (isNews && shadowNews.take(event)) tell(event);
    },
    async close() {
      await traces?.close();
    },
  };
}
