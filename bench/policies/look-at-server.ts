import type { Message } from "framegate/policy";

export const server: Message = ({ content }) =>
  content.body.length > 1_000_000 ? { drop: true } : undefined;
