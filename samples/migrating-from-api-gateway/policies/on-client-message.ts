import type { Message } from "framegate/policy";

/** On WebSocket communication from client: the language of the Upgrade request goes along with each message. */
export const client: Message = ({ websock }) => {
  const { headers } = websock.context.request;
  return { content: { set: { language: headers.get("accept-language") ?? "en" } } };
};
