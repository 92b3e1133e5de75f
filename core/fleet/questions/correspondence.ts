import { randomBytes } from "node:crypto";
import type { KnownNode } from "../report.ts";
import type { FleetStore } from "../store.ts";
import {
  type AnswerTo,
  type ReadQuestion,
  type ReadReply,
  readQuestion,
  readReply,
  writeAnswer,
  writeQuestion,
  writeRefusal,
} from "./protocol.ts";
import {
  type FleetAnswerer,
  fleetQuestions,
  type QuestionAnswer,
  type QuestionArgs,
  type QuestionName,
} from "./questions.ts";
import { OpenRound, type Round } from "./round.ts";

export interface CorrespondenceOptions {
  readonly store: Pick<FleetStore, "key" | "publish" | "subscribe">;
  /** This node's own: answers to its questions go there. */
  readonly holder: string;
  readonly answerer: FleetAnswerer;
  /** For how many times as long answers are waited for. Default: 1. */
  readonly patience?: number | undefined;
  /** A question that could not be answered. */
  onFault(name: QuestionName, error: Error): void;
}

export interface AskOptions<Name extends QuestionName> {
  /** Whether nothing more is of interest, with this answer. */
  isEnough?(answer: QuestionAnswer<Name>): boolean;
}

type AskedNode = Pick<KnownNode, "node" | "holder">;

/** Questions to other nodes, and answers to theirs. Who does not answer in time is named, and not waited for. */
export interface Correspondence {
  ask<Name extends QuestionName>(
    name: Name,
    args: QuestionArgs<Name>,
    nodes: readonly AskedNode[],
    options?: AskOptions<Name>,
  ): Promise<Round<Name>>;
  close(): void;
}

/** People ask; more at a time than this are none. */
const MOST_AT_ONCE = 1_000;
/** What others ask is answered by workers that have other things to do. */
const MOST_ANSWERED_AT_ONCE = 100;

const EVERYBODY = "all";

export function createCorrespondence(options: CorrespondenceOptions): Correspondence {
  const { store, holder, answerer, patience = 1 } = options;
  const questionsTo = (whom: string) => store.key("questions", whom);
  const answersTo = (whom: string) => store.key("answers", whom);
  const waiting = new Map<string, (reply: ReadReply) => void>();
  let answering = 0;

  async function answer(text: string): Promise<void> {
    const question = readQuestion(text);
    if (question === undefined) return;
    const { id, from } = "refused" in question ? question.refused : question;
    if (from === holder || ("to" in question && !question.to.includes(holder))) return;
    const to = { id, from: holder };
    const reply = "refused" in question ? writeRefusal(to, "version") : await answerTo(to, question);
    await store.publish(answersTo(from), reply);
  }

  async function answerTo(to: AnswerTo, { name, args }: ReadQuestion): Promise<string> {
    if (answering >= MOST_ANSWERED_AT_ONCE) return writeRefusal(to, "failed");
    answering++;
    try {
      return writeAnswer(to, await answerAs(name, args));
    } catch (error) {
      options.onFault(name, error as Error);
      return writeRefusal(to, "failed");
    } finally {
      answering--;
    }
  }

  async function answerAs(name: QuestionName, args: unknown): Promise<unknown> {
    const method = answerer[name] as (args: unknown) => unknown;
    return method(args);
  }

  // Without Redis nobody hears the answer, and who has asked knows that.
  const onQuestion = (text: string) => void answer(text).catch(() => {});
  const subscriptions = [
    store.subscribe(questionsTo(EVERYBODY), { onMessage: onQuestion }),
    store.subscribe(questionsTo(holder), { onMessage: onQuestion }),
    store.subscribe(answersTo(holder), {
      onMessage(text) {
        const reply = readReply(text);
        if (reply !== undefined) waiting.get(reply.id)?.(reply);
      },
    }),
  ];

  return {
    async ask(name, args, nodes, { isEnough } = {}) {
      const round = new OpenRound(name, nodes);
      if (nodes.length === 0) return round.close("silent");
      if (waiting.size >= MOST_AT_ONCE) return round.close("failed");
      const id = randomBytes(8).toString("hex");
      const to = nodes.map((each) => each.holder);
      const text = writeQuestion({ id, from: holder, to, name, args });
      const settled = Promise.withResolvers<void>();
      waiting.set(id, (reply) => {
        const value = round.take(reply);
        if (round.isOver || (value !== undefined && isEnough?.(value))) settled.resolve();
      });
      const timer = setTimeout(settled.resolve, fleetQuestions[name].withinMs * patience);
      const [only = EVERYBODY] = to;
      const whom = to.length === 1 ? only : EVERYBODY;
      // Without Redis nobody is asked.
      store.publish(questionsTo(whom), text).catch(() => settled.resolve());
      await settled.promise;
      clearTimeout(timer);
      waiting.delete(id);
      return round.close("silent");
    },
    close() {
      for (const end of subscriptions) end();
    },
  };
}
