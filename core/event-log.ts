import { timeOfDay } from "../sandbox/machine-clock.ts";
import type { LogLevel, Observation } from "./config/index.ts";
import type { GatewayEvent } from "./events.ts";
import type { Logger } from "./log.ts";

/** Lines a second for each of these of one policy: one that fails, or renews, on each message must not fill the disk. */
const LINES_PER_SECOND = 20;

/** Of one policy. */
interface Window {
  readonly second: number;
  count: number;
}

/** What a route's `log` says; undefined for what belongs to no route. */
export type FindRouteLog = (route: string) => Pick<Observation["routeLog"], "access" | "level"> | undefined;

export interface EventLogOptions {
  readonly now?: () => number;
  /** Writes the line of an event. Default: `logEvent`. */
  readonly word?: (logger: Logger, event: GatewayEvent) => void;
}

/** Writes a line for each event: one for a session's start, one for its end, and up to a rate one for each fault and renewal. */
export function createEventLog(
  gatewayLogger: Logger,
  findRouteLog: FindRouteLog = () => undefined,
  { now = () => performance.now(), word = logEvent }: EventLogOptions = {},
): (event: GatewayEvent) => void {
  const [faults, renewals] = [new Map<string, Window>(), new Map<string, Window>()];
  const leveled = createLeveledLoggers(gatewayLogger);
  return (event) => {
    const rules = findRouteLog(routeOf(event));
    if (rules?.access === false && ACCESS_EVENTS.has(event.type)) return;
    const logger = leveled(rules?.level ?? "debug");
    if (event.type !== "policy-fault" && event.type !== "session-renewed") return word(logger, event);
    const isFault = event.type === "policy-fault";
    const policy = isFault ? event.fault.policy : event.policy;
    const windows = isFault ? faults : renewals;
    const second = Math.floor(now() / 1000);
    const window = windows.get(policy);
    if (window === undefined || window.second !== second) {
      const left = (window?.count ?? 0) - LINES_PER_SECOND;
      windows.set(policy, { second, count: 1 });
      if (left > 0 && isFault) logger.error({ policy }, `${left} more faults of this policy were not logged`);
      else if (left > 0) logger.info({ policy }, `${left} more renewals by this policy were not logged`);
    } else if (++window.count > LINES_PER_SECOND) {
      return;
    }
    word(logger, event);
  };
}

const ACCESS_EVENTS: ReadonlySet<GatewayEvent["type"]> = new Set([
  "session-start",
  "session-renewed",
  "hold-ended",
  "session-end",
  "upgrade-refused",
  "request-proxied",
  "request-refused",
]);

function routeOf(event: GatewayEvent): string {
  if (event.type === "policy-log") return event.line.route;
  return "route" in event ? event.route : "";
}

const LEVELS = ["debug", "info", "warn", "error"] as const;

/** The logger, without what is less severe than the level. */
function createLeveledLoggers(logger: Logger): (level: LogLevel) => Logger {
  const made = new Map<LogLevel, Logger>([["debug", logger]]);
  return (level) => {
    const known = made.get(level);
    if (known !== undefined) return known;
    const from = level === "silent" ? LEVELS.length : LEVELS.indexOf(level);
    const silent = Object.fromEntries(LEVELS.slice(0, from).map((name) => [name, () => {}]));
    const leveled: Logger = {
      ...logger,
      ...silent,
      writes: (asked) => LEVELS.indexOf(asked) >= from && logger.writes(asked),
    };
    made.set(level, leveled);
    return leveled;
  };
}

/** With all of its fields, for machines. */
export function logEvent(logger: Logger, event: GatewayEvent): void {
  switch (event.type) {
    case "session-start": {
      const { type, trace, ...fields } = event;
      return logger.info({ ...fields, ...(trace && { trace: trace.traceId }) }, "session started");
    }
    case "session-renewed": {
      const { type, expires, ...fields } = event;
      const until = expires !== undefined && { expires: new Date(expires).toISOString() };
      return logger.info({ ...fields, ...until }, "session renewed by its policy");
    }
    case "message-traced": {
      const { type, time, steps, missed, ...fields } = event;
      return logger.debug(fields, "message traced");
    }
    case "hold-ended": {
      const { type, ...fields } = event;
      const isReached = event.outcome === "reached";
      return logger.info(fields, isReached ? "held client has its server" : "held client has no server");
    }
    case "session-end": {
      const { type, ...fields } = event;
      return logger.info(fields, "session ended");
    }
    case "upgrade-refused": {
      const { type, trace, ...rest } = event;
      const fields = { ...rest, ...(trace && { trace: trace.traceId }) };
      return logger[event.status >= 500 ? "warn" : "info"](fields, "upgrade refused");
    }
    case "request-proxied": {
      const { type, ...fields } = event;
      return logger.info(fields, "request proxied");
    }
    case "request-refused": {
      const { type, ...fields } = event;
      return logger[event.status >= 500 ? "warn" : "info"](fields, "request refused");
    }
    case "connection-refused": {
      const { type, ...fields } = event;
      // Of the others the client is to blame; for want of room somebody here has to do something.
      return logger[event.code === "ERR_NO_ROOM" ? "error" : "info"](fields, "connection refused");
    }
    case "policy-fault": {
      const { policy, version, hook, reason, message, stack } = event.fault;
      const fields = { policy, version, hook, reason, route: event.route, session: event.session };
      return logger.error(stack === "" ? fields : { ...fields, stack }, message);
    }
    case "policy-log": {
      const { level, text, policy, route, session } = event.line;
      return logger[level]({ policy, route, session }, text);
    }
    case "policy-alert": {
      const { type, name, ...fields } = event;
      return logger.warn({ ...fields, alert: name }, "a policy raised an alert");
    }
    case "policy-alerts-lost":
      return logger.warn(
        { policy: event.policy, count: event.count },
        "alerts of a policy are lost: it raises more than 20 a minute",
      );
    case "upstream-down":
    case "upstream-up": {
      const { type, ...fields } = event;
      if (type === "upstream-up") return logger.info(fields, "server is healthy again");
      return logger.warn(fields, "server gets no new connections");
    }
    case "upstream-failover": {
      const { type, ...fields } = event;
      return logger.debug(fields, "another upstream stands in");
    }
    case "mirror-failed": {
      const { type, ...fields } = event;
      return logger.warn(fields, "mirror gets no copies");
    }
    case "kv-lost":
      return logger.error(
        { pid: event.pid, reason: event.reason },
        "no connection to Redis: calls of kv fail until it is back; see whether it runs where kv.url says",
      );
    case "kv-back":
      return logger.info({ pid: event.pid }, "the connection to Redis is back");
    case "cluster-lost":
      return logger.error(
        { cluster: event.cluster, reason: event.reason },
        "no connection to the Redis of the cluster: this gateway is by itself until it is back; see whether it runs where cluster.url says",
      );
    case "cluster-back":
      return logger.info({ cluster: event.cluster }, "the connection to the Redis of the cluster is back");
    case "policy-quarantined": {
      const { policy, version, reason, until } = event.entry;
      return logger.error(
        { policy, version, reason, until: new Date(timeOfDay(until)).toISOString() },
        "policy in quarantine: it cost its sandbox host, and runs in one of its own until it has behaved for that long or a new version comes",
      );
    }
    case "shadow-differs": {
      const { type, detail, ...fields } = event;
      return logger.warn(
        { ...fields, ...(detail !== "" && { problem: detail }) },
        "a shadow says otherwise than its policy; further differences are counted",
      );
    }
    case "shadow-failed": {
      const { policy, from, version, hook, detail } = event;
      return logger.error(
        { policy, from, version, hook, problem: detail },
        "a shadow fails; the traffic goes on as ever",
      );
    }
    case "isolate-replaced":
      return logger.warn({ policy: event.policy, reason: event.reason }, "isolate replaced");
    case "host-started":
    case "host-ended":
      return logger.debug(
        { pid: event.pid },
        event.type === "host-started" ? "sandbox host started" : "sandbox host ended",
      );
    case "host-replaced": {
      const { reason, detail, pid } = event;
      return logger.error({ reason, detail, pid }, "sandbox host replaced");
    }
  }
}
