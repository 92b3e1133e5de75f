import { showUrl } from "../../net/shown-url.ts";
import { authorizationOf } from "../drivers/http.ts";
import { askHttp, type HttpIdentity } from "../drivers/http-client.ts";
import { SourceError } from "../errors.ts";

/** What a registry wants to know before it answers. */
export type Challenge =
  | { readonly scheme: "basic" }
  | { readonly scheme: "bearer"; readonly realm: string; readonly service?: string; readonly scope?: string };

const MAX_TOKEN_BYTES = 64 * 1024;

/** The field `WWW-Authenticate`; undefined: none that is known here. */
export function parseChallenge(field: string): Challenge | undefined {
  if (/^basic\b/i.test(field)) return { scheme: "basic" };
  if (!/^bearer\b/i.test(field)) return undefined;
  const { realm, service, scope } = Object.fromEntries(
    [...field.matchAll(/\b(realm|service|scope)="([^"]*)"/gi)].map(([, name = "", value]) => [
      name.toLowerCase(),
      value,
    ]),
  ) as Partial<Record<string, string>>;
  if (realm === undefined || URL.parse(realm) === null) return undefined;
  return {
    scheme: "bearer",
    realm,
    ...(service !== undefined && { service }),
    ...(scope !== undefined && { scope }),
  };
}

/**
 * What answers a challenge: the field `Authorization`. With a Bearer challenge the registry's token server gives a token for
 * what is wanted, to who has no user and password too; a token without a user is one already.
 */
export async function answerChallenge(
  challenge: Challenge | undefined,
  identity: HttpIdentity,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { Authorization: own } = authorizationOf(identity);
  if (challenge?.scheme !== "bearer" || (identity.user === undefined && own !== undefined)) return own;
  const url = new URL(challenge.realm);
  if (challenge.service !== undefined) url.searchParams.set("service", challenge.service);
  for (const scope of challenge.scope?.split(" ") ?? []) url.searchParams.append("scope", scope);
  const headers = authorizationOf(identity);
  const { status, body } = await askHttp(
    url.href,
    { headers, signal, maxBytes: MAX_TOKEN_BYTES },
    identity.plainHttp,
  );
  if (status !== 200)
    throw new SourceError("ERR_SOURCE_FETCH", `${showUrl(url)} gives no token: it answered ${status}`);
  const token = readToken(body.toString("utf8"));
  if (token === undefined)
    throw new SourceError("ERR_SOURCE_FETCH", `${showUrl(url)} gives no token: expected { token } in JSON`);
  return `Bearer ${token}`;
}

function readToken(text: string): string | undefined {
  try {
    const { token, access_token: accessToken } = Object(JSON.parse(text)) as Record<string, unknown>;
    const found = token ?? accessToken;
    return typeof found === "string" && /^[\x21-\x7e]+$/.test(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
