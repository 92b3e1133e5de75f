import {
  type HeldDecision,
  type HeldMessage,
  type HeldPayload,
  PREVIEW_LENGTH,
} from "../../breakpoints/breakpoint.ts";
import type { BreakpointBook } from "../../breakpoints/breakpoint-book.ts";
import { restoreSecrets } from "../../breakpoints/restore-secrets.ts";
import type { RedactionRules } from "../../redaction/rules.ts";
import { viewPayload } from "../../traffic/payload-view.ts";
import type { PayloadView } from "../../traffic/records.ts";
import type { QuestionMethods } from "../../workers/requests.ts";
import type { ShownHeldMessage } from "../questions/hold-schemas.ts";
import type { HoldDesk } from "./hold-desk.ts";

export interface NodeHoldDeskOptions {
  readonly book: Pick<BreakpointBook, "set" | "remove" | "read">;
  readonly workers: Pick<QuestionMethods, "held" | "decideHeld" | "releaseHeld">;
  readonly rules: RedactionRules;
  /** "" where there is no fleet. */
  readonly node: string;
}

/** Of this gateway alone. What must not be shown is hidden. */
export function createNodeHoldDesk({ book, workers, rules, node }: NodeHoldDeskOptions): HoldDesk {
  const whole = { unanswered: [] };

  /** @returns undefined when marks in the text stand for nothing that is known */
  async function restore(id: string, decision: HeldDecision): Promise<HeldDecision | undefined> {
    if (decision.type !== "replace" || decision.payload.binary) return decision;
    const [held] = (await workers.held(id)).messages;
    // It is not held here: what is to stand there matters no more.
    if (held === undefined) return decision;
    const restored = restoreSecrets(textOf(decision.payload.bytes), textOf(held.payload.bytes), rules);
    if (restored === undefined) return undefined;
    return { ...decision, payload: { binary: false, bytes: Buffer.from(restored) } };
  }

  return {
    async read(id) {
      const { messages, ...counts } = await workers.held(id);
      const most = id === undefined ? PREVIEW_LENGTH : Number.POSITIVE_INFINITY;
      const shown = messages.map((message) => ({ ...show(message, rules, most), node }));
      return {
        ...{ ...whole, ...counts, breakpoints: [...book.read()] },
        messages: shown.sort((a, b) => a.leftMs - b.leftMs),
      };
    },
    set: async (order) => ({ ...whole, done: await book.set(order) }),
    remove: async (id) => ({ ...whole, done: await book.remove(id) }),
    async decide(id, decision) {
      const restored = await restore(id, decision);
      if (restored === undefined) return { ...whole, outcome: "marks" };
      return { ...whole, ...(await workers.decideHeld(id, restored)) };
    },
    releaseAll: async (selection) => ({ ...whole, messages: await workers.releaseHeld(selection) }),
  };
}

function show(
  { payload, original, ...message }: HeldMessage,
  rules: RedactionRules,
  most: number,
): ShownHeldMessage {
  return {
    ...message,
    payload: cut(view(payload, rules), most),
    original: original === undefined ? null : cut(view(original, rules), most),
  };
}

/** What is hidden was so before it is cut. */
function cut(shown: PayloadView, most: number): PayloadView {
  const end = shown.encoding === "text" ? most : Math.ceil(most / 3) * 4;
  if (shown.data.length <= end) return shown;
  return { ...shown, data: shown.data.slice(0, end).replace(/[\ud800-\udbff]$/, ""), isCut: true };
}

function view({ binary, bytes, length }: HeldPayload, rules: RedactionRules): PayloadView {
  const kept = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const kind = binary ? "binary" : "text";
  return viewPayload(
    { bytes: kept, kind, length, isCut: kept.length < length, before: Buffer.alloc(0) },
    rules,
  );
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}
