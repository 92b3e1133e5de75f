import type {
  Capabilities,
  JsonObject,
  Message,
  MessageVerdict,
  Renew,
  RenewHookContext,
  RenewVerdict,
  Tick,
  Upgrade,
  UpgradeContext,
  When,
} from "framegate/policy";
import { admitBearer, expiryOf, invalidToken } from "./lib/bearer.ts";
import { checkJwt, JWT_PROPERTIES, type JwtOptions, jwtRules } from "./lib/jwt.ts";
import { unauthorized } from "./lib/refusals.ts";
import { findToken } from "./lib/tokens.ts";

/** As `jwt`, and a client whose token is about to expire may send a newer one over the open connection. */
interface Options extends JwtOptions {
  readonly renewal: string;
  readonly warnBefore: number;
  readonly renewWithin: number;
}

/** Whose token it was, which one, and how long the connection has by it. Times are in milliseconds since 1970. */
interface Holder {
  readonly subject: string;
  readonly issuer: string;
  /** When the token was issued; `null`: it does not say. */
  readonly issuedAt: number | null;
  /** When the token itself ends. */
  readonly until: number;
  /** When the connection does: earlier, when an operator has asked for a newer token. */
  readonly expires: number;
  readonly isAsked: boolean;
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
    warnBefore: {
      type: "integer",
      minimum: 0,
      maximum: 86_400,
      default: 0,
      description:
        'Seconds before the expiry at which the client is told of it: `{ "type": "authenticate", "expires": … }`. With 0 it is not.',
    },
    renewWithin: {
      type: "integer",
      minimum: 1,
      maximum: 86_400,
      default: 30,
      description:
        "Seconds until the connection is closed when an operator asks it to re-authenticate, unless a newer token has come.",
    },
  },
  additionalProperties: false,
};

/** For `jwks` and for `secret`; `keys` needs neither. Hosts and names are those in the options. */
export const capabilities: Capabilities = { fetch: { hosts: [], methods: ["GET"] }, secrets: [] };

export const when = { server: { body: false } } satisfies When;

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
  return verdict.reject ? verdict : { ...verdict, ...termsOf(holder, verdict.attributes, options) };
};

export const client: Message<Options> = ({ content, frame, options, websock }) => {
  const token = readRenewal(content.body, options.renewal);
  if (token !== undefined) return { drop: true, renew: { token } };
  return isExpired(websock.context, frame.time) ? EXPIRED : undefined;
};

export const server: Message<Options> = ({ frame, websock }) =>
  isExpired(websock.context, frame.time) ? EXPIRED : undefined;

export const tick: Tick<Options> = ({ options, websock }) => ({
  toClient: [noticeOf(holderBefore(websock.context)?.expires, options)],
});

export const renew: Renew<Options> = (context) =>
  context.reason === "message" ? takeToken(String(context.data?.token), context) : askForToken(context);

async function takeToken(
  token: string,
  { options, secrets, websock }: RenewHookContext<Options>,
): Promise<RenewVerdict> {
  const checked = await checkJwt(token, options, secrets);
  if ("invalid" in checked) return { close: { code: 1008, reason: "the newer token is not valid" } };
  const [before, holder] = [holderBefore(websock.context), holderOf(checked.claims, options)];
  const isSame = holder?.subject === before?.subject && holder?.issuer === before?.issuer;
  const admitted = admitBearer({ text: token, hidden: {} }, checked.claims, options);
  if (holder === undefined || !isSame || admitted.reject !== undefined) {
    return { close: { code: 1008, reason: "the newer token is not for this connection" } };
  }
  const newer = compareAge(holder, before);
  // Who was asked for another and has none, or brings back what an older one allowed, is not let through with it.
  if (newer < 0 || (newer === 0 && before?.isAsked))
    return { close: { code: 1008, reason: "the token is not newer" } };
  const { expires } = holder;
  const attributes = { ...goneFrom(websock.context, options), ...admitted.attributes };
  return {
    ...termsOf(holder, attributes, options),
    toClient: [JSON.stringify({ type: options.renewal, ok: true, expires })],
  };
}

/** An operator wants to know whether it is still the same client. */
function askForToken({ time, options, websock }: RenewHookContext<Options>): RenewVerdict {
  const before = holderBefore(websock.context);
  if (before === undefined) return { close: { code: 1008, reason: "the token has expired" } };
  const expires = Math.min(before.expires, time + options.renewWithin * 1000);
  return {
    attributes: { tokenHolder: { ...before, expires, isAsked: true } },
    expires,
    tick: false,
    toClient: [noticeOf(expires, options)],
  };
}

/** Attributes are merged: one whose claim the newer token has not would stay. */
function goneFrom({ attributes }: UpgradeContext, options: Options): JsonObject {
  const names = Object.keys(options.attributes).filter((name) => Object.hasOwn(attributes, name));
  return Object.fromEntries(names.map((name) => [name, null]));
}

/** Above 0: the token is newer than the one before; 0: as old, or the same. Two of one second differ by their end. */
function compareAge(token: Holder, before: Holder | undefined): number {
  if (before === undefined) return -1;
  const isSaid = token.issuedAt !== null && before.issuedAt !== null;
  const later = isSaid ? Number(token.issuedAt) - Number(before.issuedAt) : 0;
  return later === 0 ? token.until - before.until : later;
}

function termsOf(
  holder: Holder,
  attributes: JsonObject | undefined,
  { warnBefore }: Options,
): Pick<RenewVerdict, "attributes" | "expires" | "tick"> {
  const { expires } = holder;
  return {
    attributes: { ...attributes, tokenHolder: { ...holder } },
    expires,
    tick: warnBefore > 0 && { at: expires - warnBefore * 1000 },
  };
}

function noticeOf(expires: number | undefined, { renewal }: Options): string {
  return JSON.stringify({ type: renewal, expires });
}

/** The gateway ends it then by itself; until it has looked at its clock nothing is to pass. */
function isExpired(context: UpgradeContext, time: number): boolean {
  return time >= (holderBefore(context)?.expires ?? 0);
}

function holderBefore({ attributes }: UpgradeContext): Holder | undefined {
  return attributes.tokenHolder as Holder | undefined;
}

function holderOf(claims: Readonly<Record<string, unknown>>, options: Options): Holder | undefined {
  const { sub: subject, iss: issuer, iat } = claims;
  const expires = expiryOf(claims, options);
  if (typeof subject !== "string" || typeof issuer !== "string" || expires === undefined) return undefined;
  const issuedAt = typeof iat === "number" ? iat * 1000 : null;
  return { subject, issuer, issuedAt, until: expires, expires, isAsked: false };
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
