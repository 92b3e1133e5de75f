import type { Message, Upgrade } from "framegate/policy";

export const upgrade: Upgrade = ({ request }) => ({
  attributes: { user: request.headers.get("x-user") ?? "nobody" },
});

export const client: Message = ({ content, websock }) => ({
  content: { body: { ...content.json(), user: websock.context.attributes.user } },
});

export const server = client;
