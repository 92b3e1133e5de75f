import type { KnownNode } from "../report.ts";
import { checkReply, type ReadReply } from "./protocol.ts";
import type { QuestionAnswer, QuestionName } from "./questions.ts";
import type { NoAnswer, Unanswered } from "./unanswered.ts";

export interface NodeAnswer<Name extends QuestionName> {
  readonly node: string;
  readonly value: QuestionAnswer<Name>;
}

export interface Round<Name extends QuestionName> {
  readonly answers: readonly NodeAnswer<Name>[];
  /** By name, sorted. */
  readonly unanswered: readonly Unanswered[];
}

/** One question to some nodes: what has come of it so far. Each is heard once, and nobody who was not asked. */
export class OpenRound<Name extends QuestionName> {
  readonly #name: Name;
  /** By holder: those who owe an answer. */
  readonly #owing: Map<string, string>;
  readonly #answers: NodeAnswer<Name>[] = [];
  readonly #unanswered: Unanswered[] = [];

  constructor(name: Name, asked: readonly Pick<KnownNode, "node" | "holder">[]) {
    this.#name = name;
    this.#owing = new Map(asked.map(({ node, holder }) => [holder, node]));
  }

  get isOver(): boolean {
    return this.#owing.size === 0;
  }

  /** @returns what it has answered; undefined: nothing that counts */
  take({ from, value, refusal }: Omit<ReadReply, "id">): QuestionAnswer<Name> | undefined {
    const node = this.#owing.get(from);
    if (node === undefined) return undefined;
    this.#owing.delete(from);
    if (refusal !== undefined) {
      this.#unanswered.push({ node, reason: refusal });
      return undefined;
    }
    const checked = checkReply(this.#name, value);
    // A value that cannot be read is that of another version, too.
    if (checked === undefined) this.#unanswered.push({ node, reason: "version" });
    else this.#answers.push({ node, value: checked });
    return checked;
  }

  /** @param reason of those who still owe an answer */
  close(reason: NoAnswer): Round<Name> {
    const silent = [...this.#owing.values()].map((node) => ({ node, reason }));
    this.#owing.clear();
    const unanswered = [...this.#unanswered, ...silent].sort((a, b) => (a.node < b.node ? -1 : 1));
    return { answers: this.#answers, unanswered };
  }
}
