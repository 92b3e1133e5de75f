import { parseDuration } from "../../../config/index.ts";
import { showJob } from "../../../fleet/desk/shown-job.ts";
import type { Logger } from "../../../log.ts";
import type { DrainPlace } from "../../../steering/drain-schedule.ts";
import { wordFilter } from "../../../steering/filter-words.ts";
import type { SessionFilter } from "../../../steering/session-filter.ts";
import { AdminError } from "../../errors.ts";
import type { GatewayView } from "../../gateway-view.ts";
import { type PaceInput, readPace } from "../pace-input.ts";
import { checkStatus } from "../sessions/sessions-api.ts";
import type { SteeringStarted } from "../steering-schema.ts";
import type { DrainsView } from "./drain-schema.ts";

export type DrainingView = Pick<
  GatewayView,
  "config" | "table" | "desk" | "steering" | "drained" | "drain" | "drainSchedule"
>;

/** How a drain is wanted. */
export interface DrainWish extends PaceInput {
  readonly code: number;
  readonly reason: string;
  readonly dryRun: boolean;
  readonly delay?: string | undefined;
}

/** Drains begin here, at once or later, and end here. */
export interface DrainOrders {
  begin(place: DrainPlace, how: DrainWish): Promise<SteeringStarted>;
  /** @throws AdminError when it is not drained, and is not about to be */
  end(place: DrainPlace): Promise<DrainsView>;
  describe(): DrainsView;
}

/** Of this gateway alone. */
const WHOLE: Pick<SteeringStarted, "unanswered"> = { unanswered: [] };

export function createDrainOrders(view: DrainingView, logger: Logger): DrainOrders {
  const { drainSchedule } = view;
  /** The order in force of each place: it may be another when one has been told to all workers. */
  const inForce = new Map<string, object>();

  async function start(place: DrainPlace, how: DrainWish): Promise<SteeringStarted> {
    const { code, reason } = how;
    const pace = readPace(how);
    const [what, filter] = [wordsOf(place), filterOf(place)];
    const order = {};
    inForce.set(what, order);
    // Those that come while it is told are closed as they begin.
    await view.drain(place, true);
    if (inForce.get(what) !== order) {
      throw new AdminError(
        "ERR_CONFLICT",
        `${what}: another order for it came while it began; GET /drains says what is drained`,
      );
    }
    const act = { close: { code, reason }, grounds: { cause: "drain", detail: what } } as const;
    const job = await view.steering.start({ what, filter, pace, act });
    logger.info({ steering: job.id, what, pace, sessions: job.sessions }, "drain begun by an operator");
    return {
      ...WHOLE,
      sessions: job.sessions,
      which: wordFilter(filter),
      job: { ...showJob(job), node: "" },
    };
  }

  function describe(): DrainsView {
    const { isAll = false, routes, servers } = view.drained();
    const places: readonly DrainPlace[] = [
      ...(isAll ? [{ kind: "gateway" } as const] : []),
      ...routes.map((name) => ({ kind: "route", name }) as const),
      ...servers.map(({ upstream, target }) => ({
        ...({ kind: "upstream", name: upstream } as const),
        ...(target !== undefined && { target }),
      })),
    ];
    return {
      gateway: isAll,
      routes: [...routes],
      servers: servers.map(({ upstream, target = "" }) => ({ upstream, target })),
      closing: places.flatMap((place) => {
        const job = view.steering.list().findLast(({ what }) => what === wordsOf(place));
        if (job === undefined) return [];
        const { state, sessions, done, left } = job;
        return [{ ...describePlace(place), state, sessions, done, left }];
      }),
      waiting: drainSchedule.list().map(({ place, at }) => ({ ...describePlace(place), at })),
    };
  }

  return {
    async begin(place, how) {
      const { code, reason, delay } = how;
      checkStatus({ code, reason });
      const pace = readPace(how);
      const delayMs = readDelay(delay);
      const count = async () => {
        const filter = filterOf(place);
        const { sessions } = await view.desk("node").count(filter);
        return { ...WHOLE, sessions, which: wordFilter(filter), job: null };
      };
      if (how.dryRun) return count();
      if (delayMs === 0) {
        drainSchedule.cancel(place);
        return start(place, how);
      }
      const counted = await count();
      const at = drainSchedule.add(place, delayMs, () => {
        start(place, how).catch((error: Error) =>
          logger.error({ what: wordsOf(place) }, `the drain could not begin: ${error.message}`),
        );
      });
      const { sessions } = counted;
      logger.info({ what: wordsOf(place), pace, delayMs, sessions }, "drain announced by an operator");
      return { ...counted, at };
    },

    async end(place) {
      const what = wordsOf(place);
      const isDrained = isDrainedNow(view, place);
      if (!drainSchedule.cancel(place) && !isDrained) {
        const message = `${what.replace(/^drain /, "")} is not drained; GET /drains says what is`;
        throw new AdminError("ERR_CONFLICT", message);
      }
      inForce.delete(what);
      if (isDrained) await view.drain(place, false);
      logger.info({ what }, "drain ended by an operator");
      for (const job of view.steering.list()) if (job.what === what) view.steering.stop(job.id);
      return describe();
    },
    describe,
  };
}

function describePlace(place: DrainPlace): Pick<DrainsView["waiting"][number], "kind" | "name" | "target"> {
  return {
    kind: place.kind,
    name: place.kind === "gateway" ? "" : place.name,
    target: (place.kind === "upstream" && place.target) || "",
  };
}

/** Whether nothing new comes there; a drain that waits is none yet. */
export function isDrainedNow({ drained }: Pick<GatewayView, "drained">, place: DrainPlace): boolean {
  const { isAll = false, routes, servers } = drained();
  switch (place.kind) {
    case "gateway":
      return isAll;
    case "route":
      return routes.includes(place.name);
    case "upstream":
      return servers.some(({ upstream, target }) => upstream === place.name && target === place.target);
  }
}

function readDelay(delay: string | undefined): number {
  const delayMs = delay === undefined ? 0 : parseDuration(delay);
  if (delayMs !== undefined && delayMs <= LONGEST_DELAY_MS) return delayMs;
  throw new AdminError(
    "ERR_REQUEST",
    `expected delay to be a duration such as "30s" or "5m", of a day at most, got "${delay}"`,
  );
}

const LONGEST_DELAY_MS = 24 * 3_600_000;

function filterOf(place: DrainPlace): SessionFilter {
  switch (place.kind) {
    case "gateway":
      return {};
    case "route":
      return { route: place.name };
    case "upstream": {
      const { name, target } = place;
      return { upstream: { name, ...(target !== undefined && { target }) } };
    }
  }
}

/** For people: also what a job is known by. */
function wordsOf(place: DrainPlace): string {
  switch (place.kind) {
    case "gateway":
      return "drain gateway";
    case "route":
      return `drain route ${place.name}`;
    case "upstream":
      return `drain upstream ${place.name}${place.target === undefined ? "" : ` at ${place.target}`}`;
  }
}
