import { logEvent } from "../../../core/event-log.ts";
import type { GatewayEvent } from "../../../core/events.ts";
import type { GatewayStep, Wording } from "../../../core/gateway/news/wording.ts";
import type { Logger, LogMethod } from "../../../core/log.ts";
import { sayEvent } from "./event-words.ts";
import { Flood } from "./flood.ts";
import { wordReload } from "./reload-words.ts";
import { Troubles } from "./troubles.ts";
import type { Words } from "./words.ts";

const SUM_UP_MS = 1000;
const CONFIG = "config";

export interface PeopleWording extends Wording {
  /** What has been told and is still so. */
  readonly troubles: Troubles;
  /** The config that was read anew cannot be used. */
  configRefused(logger: Logger, message: string): void;
}

/** One line for what is one event, in words. @param readSource the text of an author's file, "" where there is none */
export function createPeopleWording(readSource: (file: string) => string): PeopleWording {
  const troubles = new Troubles();
  const flood = new Flood();
  let sumDue: NodeJS.Timeout | undefined;

  /** Of what was left out since the last time, if anything was. */
  function sumUp(tell: LogMethod): void {
    clearTimeout(sumDue);
    sumDue = undefined;
    const sum = flood.sumUp(performance.now());
    if (sum !== "") tell(sum);
  }

  return {
    troubles,
    event(logger, event) {
      const words = sayEvent(event, readSource);
      if (words === undefined) return logEvent(logger, event);
      // What the route's level leaves out does not take the lines of others.
      if (logger.writes(words.level) && !flood.take(event.type, performance.now())) {
        sumDue ??= setTimeout(sumUp, SUM_UP_MS, logger[words.level]);
        return;
      }
      noteLoss(troubles, event, words);
      say(logger, words);
    },
    reload(logger, result) {
      const words = wordReload(result, troubles.has(`policy ${result.policy}`));
      if (result.outcome === "failed") troubles.add(`policy ${result.policy}`, words);
      else troubles.end(`policy ${result.policy}`);
      say(logger, words);
    },
    step(logger, step) {
      const wasBroken = troubles.has(CONFIG);
      if (step.type === "config-taken") troubles.end(CONFIG);
      if (step.type === "stopped") sumUp(logger.info);
      sayStep(logger, step, wasBroken);
    },
    plan(logger, { problems, notes, solved }) {
      for (const text of problems) {
        const words: Words = { level: "error", text };
        troubles.add(text, words);
        say(logger, words);
      }
      for (const note of notes) logger.warn(note);
      for (const text of solved) {
        troubles.end(text);
        logger.info(`fine again, it was: ${text}`);
      }
    },
    configRefused(logger, message) {
      const words: Words = { level: "error", text: `reload failed, the running config stays:\n${message}` };
      troubles.add(CONFIG, words);
      say(logger, words);
    },
  };
}

function noteLoss(troubles: Troubles, event: GatewayEvent, words: Words): void {
  switch (event.type) {
    case "kv-lost":
    case "cluster-lost":
      return troubles.add(event.type.replace("-lost", ""), words);
    case "kv-back":
    case "cluster-back":
      return troubles.end(event.type.replace("-back", ""));
    case "upstream-down":
      return troubles.add(`server ${event.target}`, words);
    case "upstream-up":
      return troubles.end(`server ${event.target}`);
    default:
  }
}

/** That it is ready is said at length, elsewhere. */
function sayStep(logger: Logger, step: GatewayStep, wasBroken: boolean): void {
  switch (step.type) {
    case "config-taken":
      return logger.info(wasBroken ? "config reloaded, fine again" : "config reloaded");
    case "stopping":
    case "stopped":
    case "ready":
      return logger.debug(`gateway ${step.type}`);
  }
}

function say(logger: Logger, { level, text, ...fields }: Words): void {
  logger[level](fields, text);
}
