import type { Message } from "framegate/policy";

interface Order {
  readonly type: "order" | "cancel" | "heartbeat";
  readonly id: number;
  readonly symbol: string;
  readonly quantity: number;
}

/** No single order is larger. */
const LARGEST_ORDER = 500;
/** Who goes on after so many refused orders is a program that runs wild. */
const MOST_REFUSED = 8;

export const client: Message = ({ content, session, websock }) => {
  const order = content.json<Order>();
  if (order.type !== "order") return;
  if (order.quantity <= LARGEST_ORDER) {
    const { user, desk } = websock.context.attributes;
    return { content: { body: { ...order, trader: `${desk}/${user}` } } };
  }
  session.refused = (session.refused ?? 0) + 1;
  if (session.refused > MOST_REFUSED)
    return { close: { code: 4008, reason: "too many orders above the limit" } };
  return {
    drop: true,
    reply: [{ type: "refused", id: order.id, reason: `${order.quantity} is above ${LARGEST_ORDER}` }],
  };
};
