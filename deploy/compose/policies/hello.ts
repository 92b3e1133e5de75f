import type { Message } from "framegate/policy";

// Change this text and save: the next message has it, on connections that are open already.
const greeting = "Hello from the gateway";

/** Sees every message on its way from the client to the server. */
export const client: Message = ({ content, session }) => {
  // A binary message goes on as it came: a hook that returns nothing changes nothing.
  if (typeof content.body !== "string") return;

  // `session` is this policy's own memory of this one connection.
  session.count = (session.count ?? 0) + 1;

  // Text that is a JSON object gets two more keys. Other text is shouted.
  if (!isObject(content.body)) return { content: { body: content.body.toUpperCase() } };
  return { content: { set: { greeting, count: session.count } } };
};

function isObject(text: string): boolean {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

// The other hooks, for when you need them:
//
//   upgrade  decides who may connect, and where to:   return { reject: { status: 401 } }
//   server   sees the messages of the server:         return { drop: true }
//   close    learns how the connection ended
