import type { SessionsQuery } from "../../engine/live-session.ts";
import { readPlace } from "../../engine/session-place.ts";
import type { SteeringWish } from "../../steering/steering-jobs.ts";
import type { ShownPage } from "../questions/answer-schemas.ts";
import type { AskOptions } from "../questions/correspondence.ts";
import type { QuestionArgs, QuestionName } from "../questions/questions.ts";
import type { Round } from "../questions/round.ts";
import type { Desk, DeskJob, DeskPage } from "./desk.ts";
import { limitOfNode, mergeNodePages } from "./merge-pages.ts";

export interface FleetDeskOptions {
  readonly node: string;
  /** What this node has itself. */
  readonly own: Desk;
  readPage(query: SessionsQuery): Promise<ShownPage>;
  /** How many nodes there are. */
  count(): number;
  /** Asks all other nodes. */
  ask<Name extends QuestionName>(
    name: Name,
    args: QuestionArgs<Name>,
    options?: AskOptions<Name>,
  ): Promise<Round<Name>>;
  /** Does it to sessions of all nodes. */
  start(wish: SteeringWish): Promise<DeskJob>;
}

/** Of all nodes. */
export function createFleetDesk({ node, own, readPage, count, ask, start }: FleetDeskOptions): Desk {
  async function listOnce(query: SessionsQuery): Promise<DeskPage> {
    const order = { ...query, limit: limitOfNode(query.limit, count()) };
    const [page, { answers, unanswered }] = await Promise.all([readPage(order), ask("sessions", order)]);
    const pages = [{ node, page }, ...answers.map(({ node, value }) => ({ node, page: value }))];
    return { ...mergeNodePages(pages, query.limit), unanswered };
  }

  return {
    async list(query) {
      let page = await listOnce(query);
      // What is short because a few nodes have nearly all of it is filled up.
      for (let round = 1; round < MOST_ROUNDS && isShort(page, query.limit); round++) {
        const before = readPlace(page.next ?? "");
        const more = await listOnce({ ...query, limit: query.limit - page.sessions.length, before });
        page = { ...more, sessions: [...page.sessions, ...more.sessions] };
      }
      return page;
    },
    async count(filter) {
      const [{ sessions }, { answers, unanswered }] = await Promise.all([
        own.count(filter),
        ask("countSessions", { filter }),
      ]);
      return { sessions: answers.reduce((sum, { value }) => sum + value.sessions, sessions), unanswered };
    },
    async close(id, status) {
      if ((await own.close(id, status)).done) return FOUND;
      const isEnough = ({ done }: { readonly done: boolean }) => done;
      const { answers, unanswered } = await ask("closeSession", { id, status }, { isEnough });
      return answers.some(({ value }) => value.done) ? FOUND : { done: false, unanswered };
    },
    async renew(id) {
      const renewed = await own.renew(id);
      if (renewed.outcome !== null) return renewed;
      const isEnough = ({ outcome }: { readonly outcome: string | null }) => outcome !== null;
      const { answers, unanswered } = await ask("renewSession", { id }, { isEnough });
      const found = answers.find(({ value }) => value.outcome !== null);
      return found === undefined ? { outcome: null, unanswered } : { ...found.value, unanswered: [] };
    },
    steer: start,
    async jobs() {
      const [{ jobs }, { answers, unanswered }] = await Promise.all([own.jobs(), ask("jobs", {})]);
      const others = answers.flatMap(({ node, value }) => value.jobs.map((job) => ({ ...job, node })));
      return { jobs: [...jobs, ...others].sort((a, b) => a.startedAt - b.startedAt), unanswered };
    },
    async stopJob(id) {
      if ((await own.stopJob(id)).done) return FOUND;
      const isEnough = ({ done }: { readonly done: boolean }) => done;
      const { answers, unanswered } = await ask("stopJob", { id }, { isEnough });
      return answers.some(({ value }) => value.done) ? FOUND : { done: false, unanswered };
    },
  };
}

/** Each is a question to all nodes. */
const MOST_ROUNDS = 4;

/** One that does not answer now is not waited for again. */
function isShort({ sessions, next, unanswered }: DeskPage, limit: number): boolean {
  return sessions.length < limit && next !== null && unanswered.length === 0;
}

const FOUND = { done: true, unanswered: [] } as const;
