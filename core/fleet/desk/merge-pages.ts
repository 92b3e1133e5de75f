import { comparePlaces, type SessionPlace, wordPlace } from "../../engine/session-place.ts";
import type { ShownPage } from "../questions/answer-schemas.ts";
import type { DeskPage } from "./desk.ts";

export interface NodePage {
  readonly node: string;
  readonly page: ShownPage;
}

/**
 * One page of the pages of all nodes. Of a node that has more than it has sent nothing older than its last one is known: what
 * is older elsewhere waits for the next page, so that all pages together are all sessions, each once.
 */
export function mergeNodePages(pages: readonly NodePage[], limit: number): Omit<DeskPage, "unanswered"> {
  const bounds = pages.flatMap(({ page: { sessions, left } }): SessionPlace[] => {
    const last = sessions.at(-1);
    return last !== undefined && left > sessions.length ? [last] : [];
  });
  const isWithin = (session: SessionPlace) => bounds.every((bound) => comparePlaces(session, bound) <= 0);
  const sessions = pages
    .flatMap(({ node, page }) => page.sessions.map((session) => ({ ...session, node })))
    .filter(isWithin)
    .sort(comparePlaces)
    .slice(0, limit);
  const left = pages.reduce((sum, { page }) => sum + page.left, 0);
  const last = sessions.at(-1);
  return {
    sessions,
    total: pages.reduce((sum, { page }) => sum + page.total, 0),
    next: last === undefined || left === sessions.length ? null : wordPlace(last),
  };
}

/** How many times its even part a node is asked for: where sessions are spread evenly that makes a whole page. */
const PARTS_OF_A_NODE = 4;
const LEAST_OF_A_NODE = 10;

/** Many nodes are not to send a thousand sessions each for one page of a thousand. */
export function limitOfNode(limit: number, nodes: number): number {
  return Math.min(limit, Math.max(LEAST_OF_A_NODE, Math.ceil((limit * PARTS_OF_A_NODE) / nodes)));
}

/** As many as fit in an answer of this length, but one at least. */
export function fitPage(page: ShownPage, maxLength: number): ShownPage {
  let length = 200;
  const count = page.sessions.findIndex((session) => {
    length += JSON.stringify(session).length + 1;
    return length > maxLength;
  });
  return count === -1 ? page : { ...page, sessions: page.sessions.slice(0, Math.max(1, count)) };
}
