import type { MessageDescription } from "../../policies/messages/description.ts";
import type { Side } from "../../sandbox/contract/hooks.ts";

export const SIDES: readonly Side[] = ["client", "server"];

/** One of a description's own examples of a message. */
export interface MessageExample {
  readonly side: Side;
  readonly message: string;
  readonly payload: unknown;
}

/** What a document says of the messages of one connection. */
export interface ReadDescription {
  readonly title: string;
  /** Of a route, with the parameters as it has them: `/chat/:room`. */
  readonly path: string;
  readonly messages: MessageDescription;
  readonly examples: readonly MessageExample[];
  /** What of the document the policy does not check, a sentence each. */
  readonly unchecked: readonly string[];
}
