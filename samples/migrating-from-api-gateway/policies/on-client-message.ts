import type { Message } from "framegate/policy";

/** On WebSocket communication from client: the language of the Upgrade request goes along with each message. */
export const client: Message = ({ content, websock }) => {
  const { headers } = websock.context.request;
  return {
    content: { body: { ...content.json<object>(), language: headers.get("accept-language") ?? "en" } },
  };
};
