import type { MessageExplanation } from "../../core/explain/explanation.ts";
import type { PayloadView } from "../../core/traffic/records.ts";
import { countOf } from "../../policies/count-of.ts";
import { type ExplainedLine, formatMs } from "./layout.ts";
import { stepLines } from "./session-lines.ts";

/** One message: what it was, what each policy did with it, and what left. */
export function messageLines(explained: MessageExplanation): ExplainedLine[] {
  const { message, time, kind, length, outcome, frames, isCompressed, durationMs } = explained;
  const { waitedMs, steps } = explained;
  const [origin, sequence] = message.split(":");
  const by = explained.by && `sent by an ${explained.by}`;
  const how = [by ?? false, frames > 1 && `in ${frames} frames`, isCompressed && "compressed"].filter(
    (each) => each !== false,
  );
  const waited = steps.length === 0 ? "" : `, of which ${formatMs(waitedMs)} waiting`;
  return [
    `Message ${sequence} of the ${origin}, ${new Date(time).toISOString()}: ${kind}, ${countOf(length, "byte")}${how.map((each) => `, ${each}`).join("")}`,
    `It ${outcome === "failed" ? outcome : `was ${outcome}`}, after ${formatMs(durationMs)} in the gateway${waited}.`,
    ...stepLines(steps),
    ...payloadLines(explained),
  ];
}

/** What came, what each policy made of it, and what left, as far as it was kept. */
function payloadLines({ origin, payload, steps, sent, replies, appended }: MessageExplanation): string[] {
  const other = origin === "client" ? "server" : "client";
  const made = steps.filter(({ output }) => output !== null);
  const hasLeft = made.length > 0 && sent !== null;
  return [
    payload === null
      ? "\nNothing of its payload is kept."
      : section(`It came from the ${origin} as`, payload),
    ...made
      .slice(0, hasLeft ? -1 : undefined)
      .map(({ policy, output }) => section(`${policy} made of it`, output)),
    ...(hasLeft ? [section(`It left for the ${other} as`, sent)] : []),
    ...replies.map((reply) => section(`A policy replied to the ${origin}`, reply)),
    ...appended.map((message) => section(`A policy added for the ${other}`, message)),
  ];
}

function section(title: string, payload: PayloadView | null): string {
  if (payload === null) return "";
  const { encoding, data, length, isCut } = payload;
  const how = [encoding === "base64" && "base64", isCut && `the beginning of ${length} bytes`].filter(
    Boolean,
  );
  return `\n${title}${how.length === 0 ? "" : ` (${how.join(", ")})`}:\n${data}`;
}
