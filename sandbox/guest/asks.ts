import { ASK_KIND, type Ask, type WireAskError } from "../wire/ask-texts.ts";
import type { GuestClock } from "./clock.ts";
import type { Quota } from "./quota.ts";

/** The host's ear: gives a sentence when it refuses. */
export type HostAsk = (ask: Ask) => string | undefined;

/** What a promise of an ask resolves with. */
export interface AnswerBody {
  readonly text: string;
  readonly binary: Uint8Array<ArrayBuffer> | undefined;
}

/** What the policy asks of the world outside, and the promises that wait for it. */
export interface Asks {
  readonly scope: Scope;
  ask(
    what: string,
    kind: number,
    text: string,
    binary?: Uint8Array,
  ): { id: number; answer: Promise<AnswerBody> };
  /** Nobody wants the answer any more. */
  cancel(id: number, reason: unknown): void;
  settle(id: number, text: string, binary: Uint8Array<ArrayBuffer> | undefined): void;
}

/**
 * Until when the code that runs right now may ask for anything: for so long after its hook began as a promise may be
 * pending. What runs because an answer came, or a timer, has the time that is left to whoever asked for it: however
 * long a chain, and whether the hook still waits or not, it ends.
 */
export interface Scope {
  /** A hook begins. */
  begin(): void;
  /** What was asked for, or set, under this deadline goes on. */
  resume(deadline: number): void;
  /** @throws outside of hooks, and when the time is up */
  deadline(what: string): number;
}

interface Waiting {
  readonly deadline: number;
  readonly resolve: (answer: AnswerBody) => void;
  readonly reject: (error: unknown) => void;
}

/** Of a call's quota: 250 asks without a pause. */
const UNITS_PER_ASK = 4;
const BYTES_PER_UNIT = 16_384;
const LOADING = 0;
const FRESH = -1;

export function createScope(asyncTimeoutMs: number, clock: GuestClock): Scope {
  let current = LOADING;
  return {
    begin() {
      current = FRESH;
    },
    resume(deadline) {
      current = deadline;
    },
    deadline(what) {
      if (current === LOADING)
        throw new Error(`${what}: only hooks may use it, not the top level of the policy`);
      const now = clock.now();
      if (current === FRESH) return now + asyncTimeoutMs;
      if (now >= current) {
        throw namedError(
          "TimeoutError",
          `${what}: the hook that led here began more than ${asyncTimeoutMs} ms ago (\`sandbox.asyncTimeout\`)`,
        );
      }
      return current;
    },
  };
}

export function createAsks(scope: Scope, clock: GuestClock, host: HostAsk, quota: Quota): Asks {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;

  return {
    scope,

    ask(what, kind, text, binary) {
      const deadline = scope.deadline(what);
      for (let i = 1; i < UNITS_PER_ASK; i++) quota.spend(0);
      quota.spend(Math.min(text.length + (binary?.length ?? 0), BYTES_PER_UNIT * 100));
      const id = ++lastId;
      const refusal = host({ id, kind, deadline: clock.toMachine(deadline), text, binary });
      if (refusal !== undefined) throw new RangeError(`${what}: ${refusal}`);
      const settled = new Promise<AnswerBody>((resolve, reject) => {
        waiting.set(id, { deadline, resolve, reject });
      });
      return { id, answer: withOwnError(settled) };
    },

    cancel(id, reason) {
      const one = waiting.get(id);
      if (!one) return;
      waiting.delete(id);
      one.reject(reason);
      host({ id, kind: ASK_KIND.cancel, deadline: 0, text: "", binary: undefined });
    },

    settle(id, text, binary) {
      const one = waiting.get(Math.abs(id));
      if (!one) return;
      waiting.delete(Math.abs(id));
      scope.resume(one.deadline);
      if (id > 0) one.resolve({ text, binary });
      else {
        const { name, message } = JSON.parse(text) as WireAskError;
        one.reject(new Refusal(name, message));
      }
    },
  };
}

/** What came in place of an answer: it becomes an error where somebody waits for it. */
class Refusal {
  readonly name: string;
  readonly message: string;

  constructor(name: string, message: string) {
    this.name = name;
    this.message = message;
  }
}

/** An error knows who awaits it when it is made by one who is awaited: so its stack has the author's line. */
async function withOwnError(settled: Promise<AnswerBody>): Promise<AnswerBody> {
  try {
    return await settled;
  } catch (error) {
    throw error instanceof Refusal ? namedError(error.name, error.message) : error;
  }
}

/** As the web's own: an Error that is told by its name. */
export function namedError(name: string, message: string): Error {
  const error = name === "TypeError" ? new TypeError(message) : new Error(message);
  if (error.name !== name) error.name = name;
  return error;
}
