import type { GatewayEvent } from "./events.ts";
import type { Logger } from "./log.ts";

/** Writes a line for each event: one for a session's start, one for its end, one for each fault. */
export function logEvent(logger: Logger, event: GatewayEvent): void {
  switch (event.type) {
    case "session-start": {
      const { type, ...fields } = event;
      return logger.info(fields, "session started");
    }
    case "session-end": {
      const { type, ...fields } = event;
      return logger.info(fields, "session ended");
    }
    case "upgrade-refused": {
      const { type, ...fields } = event;
      return logger[event.status >= 500 ? "warn" : "info"](fields, "upgrade refused");
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
    case "isolate-replaced":
      return logger.warn({ policy: event.policy, reason: event.reason }, "isolate replaced");
    case "host-replaced": {
      const { reason, detail, pid } = event;
      return logger.error({ reason, detail, pid }, "sandbox host replaced");
    }
  }
}
