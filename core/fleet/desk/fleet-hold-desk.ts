import { type Breakpoint, type HeldDecision, sumPassed } from "../../breakpoints/breakpoint.ts";
import type { QuestionArgs, QuestionName } from "../questions/questions.ts";
import type { Round } from "../questions/round.ts";
import type { HoldDesk } from "./hold-desk.ts";

export interface FleetHoldDeskOptions {
  /** What this node has itself. */
  readonly own: HoldDesk;
  /** Asks all other nodes. */
  ask<Name extends QuestionName>(name: Name, args: QuestionArgs<Name>): Promise<Round<Name>>;
}

/** Of all nodes: each has the same breakpoints, and holds what comes to it. */
export function createFleetHoldDesk({ own, ask }: FleetHoldDeskOptions): HoldDesk {
  async function remove(id: string): ReturnType<HoldDesk["remove"]> {
    const [{ done }, { answers, unanswered }] = await Promise.all([
      own.remove(id),
      ask("removeBreakpoint", { id }),
    ]);
    return { done: done || answers.some(({ value }) => value.done), unanswered };
  }

  return {
    async read(id) {
      const order = id === undefined ? {} : { id };
      const [mine, { answers, unanswered }] = await Promise.all([own.read(id), ask("held", order)]);
      const parts = answers.map(({ node, value }) => ({
        ...value,
        messages: value.messages.map((message) => ({ ...message, node })),
      }));
      const all = [mine, ...parts];
      return {
        breakpoints: unique(all.flatMap(({ breakpoints }) => breakpoints)),
        messages: all.flatMap(({ messages }) => messages).sort((a, b) => a.leftMs - b.leftMs),
        passed: sumPassed(all.map(({ passed }) => passed)),
        unreadable: all.reduce((total, { unreadable }) => total + unreadable, 0),
        unanswered,
      };
    },
    async set(order) {
      const [mine, others] = await Promise.allSettled([own.set(order), ask("setBreakpoint", order)]);
      const isSet =
        mine.status === "fulfilled" &&
        others.status === "fulfilled" &&
        mine.value.done &&
        others.value.answers.every(({ value }) => value.done);
      if (!isSet) await remove(order.id);
      if (mine.status === "rejected") throw mine.reason;
      if (others.status === "rejected") throw others.reason;
      return { done: isSet, unanswered: others.value.unanswered };
    },
    remove,
    async decide(id, decision) {
      const mine = await own.decide(id, decision);
      if (mine.outcome !== "gone") return mine;
      const { answers, unanswered } = await ask("decideHeld", { id, ...wordDecision(decision) });
      const found = answers.find(({ value }) => value.outcome !== "gone");
      return found === undefined ? { outcome: "gone", unanswered } : { ...found.value, unanswered: [] };
    },
    async releaseAll(selection) {
      const [{ messages }, { answers, unanswered }] = await Promise.all([
        own.releaseAll(selection),
        ask("releaseHeld", selection),
      ]);
      return { messages: answers.reduce((sum, { value }) => sum + value.messages, messages), unanswered };
    },
  };
}

function unique(breakpoints: readonly Breakpoint[]): Breakpoint[] {
  // Of the times that this node tells the first are its own.
  const byId = new Map(breakpoints.toReversed().map((each) => [each.id, each]));
  return [...byId.values()].sort((a, b) => a.createdAt - b.createdAt);
}

function wordDecision(decision: HeldDecision): Omit<QuestionArgs<"decideHeld">, "id"> {
  if (decision.type !== "replace") return { type: decision.type };
  const { binary, bytes } = decision.payload;
  return { type: "replace", body: { binary, base64: Buffer.from(bytes).toString("base64") } };
}

/** What another node has asked for. Undefined: it does not say what is to stand there. */
export function readDecision({ type, body }: QuestionArgs<"decideHeld">): HeldDecision | undefined {
  if (type !== "replace") return { type };
  return body && { type, payload: { binary: body.binary, bytes: Buffer.from(body.base64, "base64") } };
}
