import type { Message, When } from "framegate/policy";

export const when = { client: { json: { type: ["order"] } } } satisfies When;

export const client: Message = ({ content }) =>
  content.body.length > 1_000_000 ? { drop: true } : undefined;
