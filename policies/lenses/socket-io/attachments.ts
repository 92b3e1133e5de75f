import type { MessageHookContext } from "framegate/policy";
import type { SideName, Written } from "../lib/protocol.ts";
import { asText } from "./codec.ts";

/** Of a side that has sent a packet with attachments: which it is to send next, and what has been left out of the packet. */
interface Expected {
  readonly of: "event" | "ack";
  next: number;
  /** By index: `1` for what passes, `0` for what has been left out. */
  readonly passes: string;
  /** What is to go the same way, and must not come in between. */
  readonly held: string[];
}

/** As much as may wait behind attachments: all of `session` is bounded. */
const MAX_HELD_LENGTH = 16_384;

export interface NextAttachment {
  readonly of: "event" | "ack";
  readonly index: number;
  readonly isPassed: boolean;
  /** What has waited for the last one. */
  readonly after: readonly Written[];
}

type State = Partial<Record<SideName, Expected>>;

/** The attachments that a side is to send. What is known of them outlives a reload, in `session.lens`. */
export interface AttachmentBook {
  isWaiting(): boolean;
  /** @param passing the indexes of those that pass */
  expect(of: "event" | "ack", count: number, passing: readonly number[]): void;
  /** Throws when there is none to come. */
  take(): NextAttachment;
  /** What may be sent now. */
  queue(messages: readonly Written[]): readonly Written[];
}

export function openAttachmentBook(
  { session }: Pick<MessageHookContext, "session">,
  from: SideName,
): AttachmentBook {
  const read = (): Expected | undefined => (session.lens as State | undefined)?.[from];
  const write = (expected: Expected | undefined) => {
    const { [from]: _before, ...others } = (session.lens ?? {}) as State;
    session.lens = expected === undefined ? others : { ...others, [from]: expected };
  };
  return {
    isWaiting: () => read() !== undefined,
    expect(of, count, passing) {
      const passes = Array.from({ length: count }, (_, index) => (passing.includes(index) ? "1" : "0"));
      write({ of, next: 0, passes: passes.join(""), held: [] });
    },
    take() {
      const expected = read();
      if (expected === undefined) throw new TypeError("an attachment of nothing");
      const { of, next: index, passes, held } = expected;
      const isLast = index === passes.length - 1;
      write(isLast ? undefined : { ...expected, next: index + 1 });
      return { of, index, isPassed: passes[index] === "1", after: isLast ? held : [] };
    },
    queue(messages) {
      const expected = read();
      if (expected === undefined) return messages;
      const held = [...expected.held, ...messages.map(asText)];
      if (held.join("").length > MAX_HELD_LENGTH)
        throw new RangeError(`more than ${MAX_HELD_LENGTH} characters wait for the other side's attachments`);
      write({ ...expected, held });
      return [];
    },
  };
}
