import type { Message } from "framegate/policy";

/** What the gateway does to each message of a client, in whichever server it runs. */
export const client: Message = ({ content }) => {
  if (typeof content.body === "string") return { content: { body: `${content.body}, please` } };
  return undefined;
};
