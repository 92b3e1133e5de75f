import type { DROPPED, UNCHANGED } from "./records.ts";

interface Numbers {
  readonly unchanged: typeof UNCHANGED;
  readonly dropped: typeof DROPPED;
}

interface Verdict {
  readonly drop?: true;
  readonly content?: { readonly body?: unknown; readonly set?: Readonly<Record<string, unknown>> };
}

type Hook = (context: object) => Verdict | undefined;

/**
 * Runs in an isolate, by its text: it may use nothing from around it. Calls the hook with each message of a batch and its frozen
 * context: what a connection has is frozen once, and so is what is the same of all messages.
 *
 * @param ints records before, and the lengths of answers after
 */
export function guest(hook: Hook, ints: Int32Array, { unchanged, dropped }: Numbers) {
  const { freeze } = Object;
  const connections = new Map<number, object>();
  const frame = freeze({ origin: "client", opcode: "text" });

  function freezeAll(value: unknown): unknown {
    if (typeof value !== "object" || value === null) return value;
    for (const key in value) freezeAll((value as Record<string, unknown>)[key]);
    return freeze(value);
  }

  function tellConnection(id: number, json: string): void {
    if (json === "") connections.delete(id);
    else connections.set(id, freezeAll({ context: JSON.parse(json) }) as object);
  }

  function textOf({ body, set }: NonNullable<Verdict["content"]>): string {
    if (typeof body === "string") return body;
    if (set === undefined) return JSON.stringify(body);
    let edit = "";
    for (const name in set) edit += `${edit === "" ? "{" : ","}"+${name}":${JSON.stringify(set[name])}`;
    return `${edit}}`;
  }

  /** @param given the texts of all messages, end to end; of some length in an array, which makes it a young object here */
  return (count: number, given: string | readonly [string]): string => {
    const texts = typeof given === "string" ? given : given[0];
    if (count === 0) {
      tellConnection(ints[0] as number, texts);
      return "";
    }
    let at = 0;
    let out = "";
    for (let i = 0; i < count; i++) {
      const start = at;
      at += ints[i * 2 + 1] as number;
      const websock = connections.get(ints[i * 2] as number);
      const verdict = hook(freeze({ content: freeze({ body: texts.slice(start, at) }), frame, websock }));
      let answer: number = unchanged;
      if (verdict?.drop) answer = dropped;
      else if (verdict?.content !== undefined) {
        const text = textOf(verdict.content);
        answer = text.length;
        out += text;
      }
      ints[i] = answer;
    }
    return out;
  };
}
