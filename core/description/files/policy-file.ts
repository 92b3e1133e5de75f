import type { ReadDescription } from "../read-description.ts";

/** The policy: short, for what may pass is in the data beside it. */
export function renderPolicy(dataFile: string, { messages }: ReadDescription): string {
  const upgrade =
    messages.handshake === undefined
      ? ""
      : `
/** The request for a connection: ${Object.keys(messages.handshake)
          .map((part) => PARTS[part])
          .join(", ")}. */
export const upgrade: Upgrade<MessageCheckOptions> = (context) => described.upgrade(context);
`;
  return `import { checkMessages, type MessageCheckOptions, optionsSchema } from "framegate/messages";
import type { Message${upgrade === "" ? "" : ", Upgrade"} } from "framegate/policy";
import description from ${JSON.stringify(`./${dataFile}`)} with { type: "json" };

const described = checkMessages(description);

/** What a route may say: \`onViolation\` and \`closeCode\`. */
export { optionsSchema };
${upgrade}
/** What clients send. Your own checks go behind: \`described.client(context) ?? mine(context)\`. */
export const client: Message<MessageCheckOptions> = (context) => described.client(context);

/** What servers send. */
export const server: Message<MessageCheckOptions> = (context) => described.server(context);
`;
}

const PARTS: Readonly<Record<string, string>> = { params: "path", query: "query", headers: "header fields" };
