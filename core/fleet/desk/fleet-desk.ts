import { setTimeout as delay } from "node:timers/promises";
import type { SessionsQuery } from "../../engine/live-session.ts";
import { readPlace } from "../../engine/session-place.ts";
import type { SteeringWish } from "../../steering/steering-jobs.ts";
import type { ShownPage } from "../questions/answer-schemas.ts";
import type { AskOptions } from "../questions/correspondence.ts";
import {
  fleetQuestions,
  type QuestionAnswer,
  type QuestionArgs,
  type QuestionName,
} from "../questions/questions.ts";
import type { Round } from "../questions/round.ts";
import type { Unanswered } from "../questions/unanswered.ts";
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
  /** For how many times as long this node's own workers are waited for. Default: 1. */
  readonly patience?: number | undefined;
}

/** Of all nodes. */
export function createFleetDesk(options: FleetDeskOptions): Desk {
  const { node, own, readPage, count, ask, start, patience = 1 } = options;

  /** This node is one of them: it is waited for no longer, for one of its workers may hang. */
  async function askAll<Name extends QuestionName>(
    name: Name,
    args: QuestionArgs<Name>,
    { part, isEnough }: OwnPart<Name>,
  ): Promise<Round<Name>> {
    const asked = ask(name, args, isEnough && { isEnough });
    const tired = new AbortController();
    const late = delay(fleetQuestions[name].withinMs * patience, undefined, { signal: tired.signal });
    const value = await Promise.race<QuestionAnswer<Name> | undefined>([
      part(),
      late.catch(() => undefined),
    ]).finally(() => tired.abort());
    if (value === undefined) {
      const { answers, unanswered } = await asked;
      return { answers, unanswered: [...unanswered, { node, reason: "silent" as const }].sort(byNode) };
    }
    if (isEnough?.(value)) {
      // Whoever else may have been asked has nothing to say.
      asked.catch(() => {});
      return { answers: [{ node, value }], unanswered: [] };
    }
    const { answers, unanswered } = await asked;
    return { answers: [{ node, value }, ...answers], unanswered };
  }

  async function listOnce(query: SessionsQuery): Promise<DeskPage> {
    const order = { ...query, limit: limitOfNode(query.limit, count()) };
    const { answers, unanswered } = await askAll("sessions", order, { part: () => readPage(order) });
    const pages = answers.map(({ node, value }) => ({ node, page: value }));
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
      const { answers, unanswered } = await askAll(
        "countSessions",
        { filter },
        { part: () => own.count(filter) },
      );
      return { sessions: answers.reduce((sum, { value }) => sum + value.sessions, 0), unanswered };
    },
    async close(id, status) {
      const part = () => own.close(id, status);
      const { answers, unanswered } = await askAll(
        "closeSession",
        { id, status },
        { part, isEnough: isDone },
      );
      return answers.some(({ value }) => value.done) ? FOUND : { done: false, unanswered };
    },
    async say(id, message) {
      const { payload, ...said } = message;
      const order = { id, ...said, binary: payload.binary, base64: toBase64(payload.bytes) };
      const part = () => own.say(id, message);
      const { answers, unanswered } = await askAll("say", order, { part, isEnough: isFound });
      const found = answers.find(({ value }) => isFound(value));
      return found === undefined
        ? { outcome: null, unanswered }
        : { outcome: found.value.outcome, unanswered: [] };
    },
    async renew(id) {
      const part = () => own.renew(id);
      const { answers, unanswered } = await askAll("renewSession", { id }, { part, isEnough: isFound });
      const found = answers.find(({ value }) => isFound(value));
      return found === undefined
        ? { outcome: null, unanswered }
        : { outcome: found.value.outcome, unanswered: [] };
    },
    steer: start,
    async jobs() {
      const part = async () => ({ jobs: [...(await own.jobs()).jobs] });
      const { answers, unanswered } = await askAll("jobs", {}, { part });
      const jobs = answers.flatMap(({ node, value }) => value.jobs.map((job) => ({ ...job, node })));
      return { jobs: jobs.sort((a, b) => a.startedAt - b.startedAt), unanswered };
    },
    async stopJob(id) {
      const part = () => own.stopJob(id);
      const { answers, unanswered } = await askAll("stopJob", { id }, { part, isEnough: isDone });
      return answers.some(({ value }) => value.done) ? FOUND : { done: false, unanswered };
    },
  };
}

interface OwnPart<Name extends QuestionName> extends AskOptions<Name> {
  /** What this node has itself. */
  part(): Promise<QuestionAnswer<Name>>;
}

const isFound = ({ outcome }: { readonly outcome: string | null }): boolean => outcome !== null;
const isDone = ({ done }: { readonly done: boolean }): boolean => done;

function byNode(a: Unanswered, b: Unanswered): number {
  return a.node < b.node ? -1 : 1;
}

/** Each is a question to all nodes. */
const MOST_ROUNDS = 4;

/** One that does not answer now is not waited for again. */
function isShort({ sessions, next, unanswered }: DeskPage, limit: number): boolean {
  return sessions.length < limit && next !== null && unanswered.length === 0;
}

const FOUND = { done: true, unanswered: [] } as const;

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
