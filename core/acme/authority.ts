import { request } from "node:https";
import { rootCertificates } from "node:tls";
import type { AccountKey } from "./account-key.ts";
import { AcmeError } from "./errors.ts";

/** An authority's answer: JSON, or for a certificate the text of it. */
export interface AuthorityAnswer {
  readonly body: unknown;
  readonly location: string | undefined;
}

/** What an authority is asked by: each request signed by the account's key (RFC 8555, 6.2). */
export interface Authority {
  /** Rejects with an AcmeError that has the authority's own words. @param payload undefined: only look */
  post(url: string, payload?: unknown): Promise<AuthorityAnswer>;
  readonly urls: { readonly newOrder: string };
}

export interface AuthorityOptions {
  /** Address of its directory. */
  readonly directory: string;
  /** PEM of who has signed the certificate of that, beside those whom all believe. */
  readonly ca?: string;
  readonly account: AccountKey;
  readonly email?: string;
  readonly signal: AbortSignal;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const PATIENCE_MS = 30_000;
const MAX_BYTES = 256 * 1024;
/** A nonce may have become old: the answer has a new one (RFC 8555, 6.5). */
const ATTEMPTS = 6;

/** Reads the directory, and makes the account or finds it: its key is what it is known by. */
export async function openAuthority(options: AuthorityOptions): Promise<Authority> {
  const { directory, account, email } = options;
  const listed = parse(await send(options, "GET", directory)) as
    | Readonly<Record<string, unknown>>
    | undefined;
  const { newNonce, newAccount, newOrder } = listed ?? {};
  if (typeof newNonce !== "string" || typeof newAccount !== "string" || typeof newOrder !== "string")
    throw new AcmeError("ERR_ACME_UNREACHABLE", `${directory} is no directory of an ACME authority`);
  let nonce: string | undefined;
  const opened = await post(
    newAccount,
    { jwk: account.jwk },
    {
      termsOfServiceAgreed: true,
      ...(email !== undefined && { contact: [`mailto:${email}`] }),
    },
  );
  return {
    urls: { newOrder },
    post: (url, payload) => post(url, { kid: opened.location }, payload),
  };

  async function post(
    url: string,
    identity: Readonly<Record<string, unknown>>,
    payload: unknown,
  ): Promise<AuthorityAnswer> {
    for (let attempt = 1; ; attempt++) {
      nonce ??= nonceOf(await send(options, "HEAD", newNonce as string));
      const answer = await send(options, "POST", url, account.sign({ ...identity, nonce, url }, payload));
      nonce = nonceOf(answer);
      const body = parse(answer);
      if (answer.status < 300) return { body: body ?? answer.text, location: headerOf(answer, "location") };
      const { type, detail } = (body ?? {}) as { readonly type?: unknown; readonly detail?: unknown };
      if (String(type).endsWith(":badNonce") && attempt < ATTEMPTS) continue;
      throw new AcmeError(
        "ERR_ACME_REFUSED",
        `${url} says ${answer.status}: ${String(detail ?? type ?? "")}`,
      );
    }
  }
}

function send(
  { ca, signal }: AuthorityOptions,
  method: "GET" | "HEAD" | "POST",
  url: string,
  body?: string,
): Promise<Answer> {
  return new Promise<Answer>((resolve, reject) => {
    const outgoing = request(
      url,
      {
        ...{ method, agent: false },
        signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
        ...(ca !== undefined && { ca: [...rootCertificates, ca] }),
        headers: {
          "User-Agent": "framegate",
          ...(body !== undefined && { "Content-Type": "application/jose+json" }),
        },
      },
      async (response) => {
        try {
          let text = "";
          for await (const chunk of response.setEncoding("utf8")) {
            text += chunk;
            if (text.length > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
          }
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        } catch (error) {
          reject(error);
        }
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  }).catch((cause: Error) => {
    throw new AcmeError("ERR_ACME_UNREACHABLE", `${url} cannot be asked: ${cause.message}`, { cause });
  });
}

function nonceOf(answer: Answer): string | undefined {
  return headerOf(answer, "replay-nonce");
}

function headerOf({ headers }: Answer, name: string): string | undefined {
  const value = headers[name];
  return typeof value === "string" ? value : undefined;
}

function parse({ text }: Answer): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
