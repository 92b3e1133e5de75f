import { readPlace } from "../../core/engine/session-place.ts";
import type { Fleet } from "../../core/fleet/fleet.ts";
import type { SessionFilter } from "../../core/steering/session-filter.ts";

export type FleetQuestion =
  | { readonly type: "nodes" }
  | { readonly type: "count"; readonly filter: SessionFilter }
  | { readonly type: "list"; readonly filter: SessionFilter; readonly limit: number; readonly pages: number }
  | { readonly type: "status" };

export interface Timed {
  /** The last page alone. */
  readonly ms: number;
  readonly found: number;
  readonly unanswered: number;
}

/** What one node finds out of all of them, and how long it took. */
export async function readAnswer({ desk, status, nodes }: Fleet, question: FleetQuestion): Promise<Timed> {
  const startedAt = performance.now();
  const time = (found: number, unanswered: number, since = startedAt) => ({
    ...{ ms: performance.now() - since, found, unanswered },
  });
  switch (question.type) {
    case "nodes":
      return time(nodes(), 0);
    case "status": {
      const { nodes } = await status();
      return time(nodes.length, nodes.filter(({ condition }) => condition !== "ready").length);
    }
    case "count": {
      const { sessions, unanswered } = await desk.count(question.filter);
      return time(sessions, unanswered.length);
    }
    case "list": {
      const { filter, limit, pages } = question;
      let before: ReturnType<typeof readPlace>;
      for (let page = 1; ; page++) {
        const since = performance.now();
        const { sessions, next, unanswered } = await desk.list({ filter, limit, ...(before && { before }) });
        if (page === pages || next === null) return time(sessions.length, unanswered.length, since);
        before = readPlace(next);
      }
    }
  }
}
