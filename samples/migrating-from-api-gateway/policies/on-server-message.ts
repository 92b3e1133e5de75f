import type { Message } from "framegate/policy";

/** On WebSocket communication from server: only premium clients get the depth of the market. */
export const server: Message = ({ websock }) => {
  if (websock.context.attributes.isPremium === true) return;
  return { content: { remove: ["depth"] } };
};
