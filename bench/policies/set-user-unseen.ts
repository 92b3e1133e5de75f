import type { Message, Upgrade, When } from "framegate/policy";

export const when = { client: { body: false } } satisfies When;

export const upgrade: Upgrade = ({ request }) => ({
  attributes: { user: request.headers.get("x-user") ?? "nobody" },
});

export const client: Message = ({ websock }) => ({
  content: { set: { user: websock.context.attributes.user } },
});
