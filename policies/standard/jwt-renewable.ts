import type { Capabilities, Message, MessageHookContext, MessageVerdict, Upgrade } from "framegate/policy";
import { admitBearer, expiryOf, invalidToken } from "./lib/bearer.ts";
import { checkJwt, JWT_PROPERTIES, type JwtOptions, jwtRules } from "./lib/jwt.ts";
import { unauthorized } from "./lib/refusals.ts";
import { findToken } from "./lib/tokens.ts";

/** As `jwt`, and a client whose token is about to expire may send a newer one over the open connection. */
interface Options extends JwtOptions {
  readonly renewal: string;
}

/** Whose token it was and how long it is good, in milliseconds since 1970. */
interface Holder {
  readonly subject: string;
  readonly issuer: string;
  readonly expires: number;
}

interface Session {
  expires?: number;
}

export const optionsSchema = {
  type: "object",
  ...jwtRules,
  properties: {
    ...JWT_PROPERTIES,
    renewal: {
      type: "string",
      minLength: 1,
      default: "authenticate",
      description:
        'The `type` of the message with a newer token: `{ "type": "authenticate", "token": "…" }`.',
    },
  },
  additionalProperties: false,
};

/** For `jwks` and for `secret`; `keys` needs neither. Hosts and names are those in the options. */
export const capabilities: Capabilities = { fetch: { hosts: [], methods: ["GET"] }, secrets: [] };

const MAX_RENEWAL = 16_384;
const EXPIRED: MessageVerdict = { close: { code: 1008, reason: "the token has expired" } };

export const upgrade: Upgrade<Options> = async ({ request, options, secrets }) => {
  const token = findToken(request, options.from);
  if (token === undefined) return unauthorized("Bearer", "a token is needed");
  const checked = await checkJwt(token.text, options, secrets);
  if ("invalid" in checked) return invalidToken(checked.invalid);
  const holder = holderOf(checked.claims, options);
  if (holder === undefined) return invalidToken('"sub" and "exp" are needed to renew it');
  const verdict = admitBearer(token, checked.claims, options);
  return verdict.reject
    ? verdict
    : { ...verdict, attributes: { ...verdict.attributes, tokenHolder: { ...holder } } };
};

export const client: Message<Options, Session> = (context) => {
  const { content, options } = context;
  const renewal = readRenewal(content.body, options.renewal);
  if (renewal !== undefined) return renew(renewal, context);
  return isExpired(context) ? EXPIRED : undefined;
};

export const server: Message<Options, Session> = (context) => (isExpired(context) ? EXPIRED : undefined);

async function renew(token: string, context: MessageHookContext<Options, Session>): Promise<MessageVerdict> {
  const { options, secrets, session } = context;
  const checked = await checkJwt(token, options, secrets);
  if ("invalid" in checked) return { close: { code: 1008, reason: "the newer token is not valid" } };
  const [before, holder] = [holderBefore(context), holderOf(checked.claims, options)];
  const isSame = holder?.subject === before?.subject && holder?.issuer === before?.issuer;
  const isAdmitted = admitBearer({ text: token, hidden: {} }, checked.claims, options).reject === undefined;
  if (holder === undefined || !isSame || !isAdmitted) {
    return { close: { code: 1008, reason: "the newer token is not for this connection" } };
  }
  session.expires = holder.expires;
  return {
    drop: true,
    reply: [JSON.stringify({ type: options.renewal, ok: true, expires: holder.expires })],
  };
}

function isExpired(context: MessageHookContext<Options, Session>): boolean {
  const expires = context.session.expires ?? holderBefore(context)?.expires ?? 0;
  return context.frame.time >= expires;
}

function holderBefore({ websock }: MessageHookContext<Options, Session>): Holder | undefined {
  return websock.context.attributes.tokenHolder as Holder | undefined;
}

function holderOf(claims: Readonly<Record<string, unknown>>, options: Options): Holder | undefined {
  const { sub: subject, iss: issuer } = claims;
  const expires = expiryOf(claims, options);
  if (typeof subject !== "string" || typeof issuer !== "string" || expires === undefined) return undefined;
  return { subject, issuer, expires };
}

function readRenewal(body: string | Uint8Array, type: string): string | undefined {
  if (typeof body !== "string" || body.length > MAX_RENEWAL || !body.includes(JSON.stringify(type)))
    return undefined;
  try {
    const message: unknown = JSON.parse(body);
    if (typeof message !== "object" || message === null) return undefined;
    const { type: own, token } = message as { readonly type?: unknown; readonly token?: unknown };
    return own === type && typeof token === "string" ? token : undefined;
  } catch {
    return undefined;
  }
}
