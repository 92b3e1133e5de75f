import type { Message } from "framegate/policy";

interface Line {
  readonly text: string;
}

/** Advertisements are dropped, `/help` is answered on the spot, and nobody shouts. */
export const client: Message = ({ content }) => {
  const line = content.json<Line>();
  if (/free coins/i.test(line.text)) return { drop: true };
  if (line.text === "/help") return { drop: true, reply: [{ text: "Commands: /help, /who, /leave" }] };
  const isShouted = line.text.length > 8 && line.text === line.text.toUpperCase();
  return isShouted ? { content: { body: { ...line, text: line.text.toLowerCase() } } } : undefined;
};
