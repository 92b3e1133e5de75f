import { ASK_KIND, type Ask, MAX_ASK_ID, MAX_POLICY_ASK_BYTES, MAX_POLICY_ASKS } from "../wire/ask-texts.ts";

/** What one policy has asked for: counted while it is on the way, handed on when the isolate has been left. */
export interface AskBox {
  /** For the guest to call with an `Ask`; gives a sentence when it refuses. */
  ask(wanted: unknown): string | undefined;
  /** What has come since the last time. */
  take(): readonly Ask[];
  /** @returns whether the answer is still wanted */
  settle(id: number): boolean;
  /** How many are on the way. */
  open(): number;
}

const NOT_UNDERSTOOD = "not understood";

const kinds: readonly number[] = Object.values(ASK_KIND);

export function createAskBox(): AskBox {
  const sizes = new Map<number, number>();
  let bytes = 0;
  let fresh: Ask[] = [];

  function forget(id: number): boolean {
    bytes -= sizes.get(id) ?? 0;
    return sizes.delete(id);
  }

  return {
    ask(wanted) {
      const ask = readAsk(wanted);
      if (typeof ask === "string") return ask;
      const { id, kind, text, binary } = ask;
      if (kind === ASK_KIND.cancel) {
        if (forget(id)) fresh.push({ ...ask, text: "", binary: undefined });
        return undefined;
      }
      const size = text.length + (binary?.length ?? 0);
      if (sizes.size >= MAX_POLICY_ASKS) return `this policy has ${MAX_POLICY_ASKS} calls on the way already`;
      if (bytes + size > MAX_POLICY_ASK_BYTES) {
        return `this policy's calls on the way would hold more than ${MAX_POLICY_ASK_BYTES} bytes`;
      }
      if (sizes.has(id)) return NOT_UNDERSTOOD;
      sizes.set(id, size);
      bytes += size;
      // A view of the guest's may drag a larger buffer along.
      fresh.push(binary === undefined ? ask : { ...ask, binary: new Uint8Array(binary) });
      return undefined;
    },

    take() {
      if (fresh.length === 0) return fresh;
      const taken = fresh;
      fresh = [];
      return taken;
    },

    settle: forget,
    open: () => sizes.size,
  };
}

/** @returns a sentence when it is none */
function readAsk(wanted: unknown): Ask | string {
  if (typeof wanted !== "object" || wanted === null) return NOT_UNDERSTOOD;
  const { id, kind, deadline, text, binary } = wanted as { readonly [Key in keyof Ask]: unknown };
  if (
    typeof id !== "number" ||
    typeof kind !== "number" ||
    !Number.isInteger(id) ||
    id < 1 ||
    id > MAX_ASK_ID
  )
    return "it has asked too often: the policy has to be loaded again";
  if (
    typeof deadline !== "number" ||
    !Number.isFinite(deadline) ||
    typeof text !== "string" ||
    !kinds.includes(kind)
  )
    return NOT_UNDERSTOOD;
  if (binary !== undefined && !(binary instanceof Uint8Array)) return NOT_UNDERSTOOD;
  return { id, kind, deadline, text, binary };
}
