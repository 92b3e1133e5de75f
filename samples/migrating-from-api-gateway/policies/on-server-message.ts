import type { Message } from "framegate/policy";

/** On WebSocket communication from server: only premium clients get the depth of the market. */
export const server: Message = ({ content, websock }) => {
  const { depth, ...quote } = content.json<{ readonly depth?: unknown }>();
  if (depth === undefined || websock.context.attributes.isPremium === true) return;
  return { content: { body: quote } };
};
