/**
 * `framegate/messages`: policies that let pass what a description says, such as `framegate asyncapi` makes of an AsyncAPI
 * document.
 */
import type {
  MessageHookContext,
  MessageVerdict,
  UpgradeHookContext,
  UpgradeVerdict,
} from "framegate/policy";
import { refuseMessage, VIOLATION_PROPERTIES, type ViolationOptions } from "../standard/lib/refusals.ts";
import { createHandshakeCheck } from "./check-handshake.ts";
import { createSideCheck, type MessageFault } from "./check-side.ts";
import type { MessageDescription } from "./description.ts";

export type {
  DescribedMessage,
  HandshakeDescription,
  MessageDescription,
  SideDescription,
} from "./description.ts";

/** Of a route's use of such a policy; the defaults are those of `json-schema`. */
export type MessageCheckOptions = Partial<ViolationOptions>;

export const optionsSchema = {
  type: "object",
  properties: VIOLATION_PROPERTIES,
  additionalProperties: false,
};

/** Hooks that return nothing for what fits, so that a policy's own hooks may go on with it. */
export interface MessageChecks {
  upgrade(context: Pick<UpgradeHookContext, "request">): UpgradeVerdict | undefined;
  client(context: CheckedContext): MessageVerdict | undefined;
  server(context: CheckedContext): MessageVerdict | undefined;
}

type CheckedContext = Pick<MessageHookContext<object>, "content" | "options">;

/** Throws where a schema is none that can be checked. */
export function checkMessages(description: MessageDescription): MessageChecks {
  const handshakeFault = createHandshakeCheck(description);
  const clientFault = createSideCheck(description.client, description.definitions);
  const serverFault = createSideCheck(description.server, description.definitions);
  return {
    upgrade({ request }) {
      const body = handshakeFault(request);
      return body === undefined ? undefined : { reject: { status: 400, body } };
    },
    client: ({ content, options }) => verdictOn(clientFault(content), options),
    server: ({ content, options }) => verdictOn(serverFault(content), options),
  };
}

function verdictOn(fault: MessageFault | undefined, given: MessageCheckOptions): MessageVerdict | undefined {
  if (fault === undefined) return undefined;
  const { onViolation = "close", closeCode = 1008 } = given;
  const { reason, errors } = fault;
  const [first] = errors;
  const rule = first === undefined ? reason : `${reason}: ${wordPlace(first.path)}${first.message}`;
  return refuseMessage({ onViolation, closeCode }, reason, { errors }, rule);
}

/** The whole of a message has no place. */
function wordPlace(path: string): string {
  return path === "" ? "" : `${path} `;
}
