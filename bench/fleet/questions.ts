import { readPlace } from "../../core/engine/session-place.ts";
import type { Fleet } from "../../core/fleet/fleet.ts";
import type { SessionFilter } from "../../core/steering/session-filter.ts";

export type FleetQuestion =
  | { readonly type: "nodes" }
  | { readonly type: "count"; readonly filter: SessionFilter }
  | {
      readonly type: "list";
      readonly filter: SessionFilter;
      readonly limit: number;
      readonly before?: string;
    }
  | { readonly type: "status" };

export interface Timed {
  readonly ms: number;
  readonly found: number;
  readonly unanswered: number;
  /** Of a list: where the page behind it begins. */
  readonly next?: string;
}

/** What one node finds out of all of them, and how long it took. */
export async function readAnswer({ desk, status, nodes }: Fleet, question: FleetQuestion): Promise<Timed> {
  const startedAt = performance.now();
  const time = (found: number, unanswered: number) => ({
    ms: performance.now() - startedAt,
    found,
    unanswered,
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
      const { filter, limit, before = "" } = question;
      const place = readPlace(before);
      const page = await desk.list({ filter, limit, ...(place && { before: place }) });
      return { ...time(page.sessions.length, page.unanswered.length), next: page.next ?? "" };
    }
  }
}
