import type { Message } from "framegate/policy";

interface Fill {
  readonly type: string;
  readonly account?: string;
}

/** Account numbers leave the house with their last four digits only. */
export const server: Message = ({ content }) => {
  const fill = content.json<Fill>();
  if (fill.account === undefined) return;
  return { content: { body: { ...fill, account: fill.account.replace(/.(?=.{4})/g, "•") } } };
};
