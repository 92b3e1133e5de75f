import type { Message, MessageVerdict } from "framegate/policy";
import { findKey, HASHED_KEYS_SCHEMA, type HashedKey } from "./lib/keys.ts";

/** The first message of a client says who it is; before that nothing passes, in either direction. */
interface Options {
  readonly keys: readonly HashedKey[];
  readonly type: string;
  readonly announce: boolean;
  readonly closeCode: number;
}

interface Session {
  user?: string;
}

export const optionsSchema = {
  type: "object",
  required: ["keys"],
  properties: {
    keys: {
      ...HASHED_KEYS_SCHEMA,
      description: "The tokens that are let in: `id` and `sha256`, and optionally `expires`.",
    },
    type: {
      type: "string",
      minLength: 1,
      default: "auth",
      description: 'The `type` of the first message: `{ "type": "auth", "token": "…" }`.',
    },
    announce: {
      type: "boolean",
      default: false,
      description:
        'Whether the server gets `{ "type": "auth", "user": ID }` in place of that message; else it gets nothing.',
    },
    closeCode: {
      type: "integer",
      minimum: 3000,
      maximum: 4999,
      default: 4401,
      description: "The code of the Close when the first message is another, or the token is not valid.",
    },
  },
  additionalProperties: false,
};

export const client: Message<Options, Session> = async ({ content, options, session }) => {
  if (session.user !== undefined) return;
  const message = readJson(content.body);
  const key =
    message?.type === options.type && typeof message.token === "string"
      ? await findKey(options.keys, message.token)
      : undefined;
  if (key === undefined) return { close: { code: options.closeCode, reason: "not authenticated" } };
  session.user = key.id;
  const told: MessageVerdict = { reply: [JSON.stringify({ type: options.type, ok: true })] };
  const announcement = JSON.stringify({ type: options.type, user: key.id });
  return options.announce ? { ...told, content: { body: announcement } } : { ...told, drop: true };
};

/** What a server says at once is not for somebody unknown. */
export const server: Message<Options, Session> = ({ session }) => {
  return session.user === undefined ? { drop: true } : undefined;
};

function readJson(body: string | Uint8Array): { type?: unknown; token?: unknown } | undefined {
  if (typeof body !== "string") return undefined;
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
