import type { FrameRecord, PayloadView } from "../../core/traffic/records.ts";

/** What came and what left, as far as it was kept. */
export function describePayloads({
  origin,
  payload,
  after,
  replies,
  appended,
  outcome,
}: FrameRecord): string[] {
  const other = origin === "client" ? "server" : "client";
  const left =
    outcome === "replaced" && after !== null ? [section(`It left for the ${other} as`, after)] : [];
  return [
    payload === null
      ? "\nNothing of its payload is kept."
      : section(`It came from the ${origin} as`, payload),
    ...left,
    ...replies.map((reply) => section(`A policy replied to the ${origin}`, reply)),
    ...appended.map((message) => section(`A policy added for the ${other}`, message)),
  ];
}

function section(title: string, { encoding, data, length, isCut }: PayloadView): string {
  const how = [encoding === "base64" && "base64", isCut && `the beginning of ${length} bytes`].filter(
    Boolean,
  );
  return `\n${title}${how.length === 0 ? "" : ` (${how.join(", ")})`}:\n${data}`;
}
