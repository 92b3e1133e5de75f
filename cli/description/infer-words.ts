import type { Inferred, InferredKind } from "../../core/description/infer/infer.ts";
import type { RecordedMessages } from "../../core/description/infer/recorded-messages.ts";
import { SIDES } from "../../core/description/read-description.ts";
import { countOf } from "../../policies/count-of.ts";

/** What was seen, and below each kind of messages what is not sure of it. */
export function wordInferred(
  file: string,
  recorded: RecordedMessages,
  inferred: Inferred,
): readonly string[] {
  const { path, sessions, messages } = recorded;
  return [
    `${file}: ${path}, ${countOf(sessions, "session")}, ${countOf(messages.length, "message")}`,
    ...SIDES.flatMap((side) => {
      const { count, others, cut, kinds } = inferred.sides[side];
      const { discriminator } = inferred.messages[side];
      const apart =
        discriminator === undefined || kinds.length < 2 ? "" : `, told apart by \`${discriminator}\``;
      return [
        `${side}: ${countOf(count, "message")}${apart}`,
        ...kinds.flatMap(wordKind),
        ...(others === 0 ? [] : [`  no JSON: ${others}`]),
        ...(cut === 0 ? [] : [`  recorded in part, and left out: ${cut}`]),
      ];
    }),
  ];
}

export function wordRefused(refused: number, policies: readonly string[]): string {
  const who = policies.length === 0 ? "policies" : policies.join(", ");
  return `left out, for they were refused: ${countOf(refused, "message")}, by ${who} (--with-refused takes them in)`;
}

function wordKind({ name, count, doubts }: InferredKind): readonly string[] {
  return [`  ${name}: ${count}`, ...doubts.map((doubt) => `    not sure: ${doubt}`)];
}
