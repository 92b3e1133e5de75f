import { createPrivateKey } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Authority } from "./authority.ts";
import { AcmeError } from "./errors.ts";
import { createSigningRequest } from "./signing-request.ts";

/** What is answered where an authority asks for it by HTTP: token → text (RFC 8555, 8.3). */
export type ChallengeAnswers = Readonly<Record<string, string>>;

export interface OrderOptions {
  readonly authority: Authority;
  readonly domains: readonly string[];
  /** The certificate's private key, in PEM. */
  readonly key: string;
  readonly thumbprint: string;
  /** Settles when these are answered, and no others, wherever connections come in. */
  answer(answers: ChallengeAnswers): Promise<void>;
  readonly signal: AbortSignal;
}

interface Challenge {
  readonly type: string;
  readonly url: string;
  readonly token: string;
  readonly error?: { readonly detail?: string };
}

interface Authorization {
  readonly status: string;
  readonly identifier: { readonly value: string };
  readonly challenges: readonly Challenge[];
}

interface Order {
  readonly status: string;
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate?: string;
  readonly error?: { readonly detail?: string };
}

const POLL_MS = 1_000;
const POLLS = 90;

/** Orders a certificate (RFC 8555, 7.4), shows that the names are this gateway's, and gives the chain in PEM. Rejects with an AcmeError. */
export async function orderCertificate(options: OrderOptions): Promise<string> {
  const { authority, domains, key, signal } = options;
  const identifiers = domains.map((value) => ({ type: "dns", value }));
  const { body, location = "" } = await authority.post(authority.urls.newOrder, { identifiers });
  const { authorizations, finalize } = body as Order;
  await proveNames(options, authorizations);
  const csr = createSigningRequest(createPrivateKey(key), domains).toString("base64url");
  await authority.post(finalize, { csr });
  const { status, certificate, error } = await poll<Order>(authority, location, signal, (order) =>
    ["valid", "invalid"].includes(order.status),
  );
  if (status !== "valid" || certificate === undefined)
    throw new AcmeError("ERR_ACME_REFUSED", `the order is ${status}: ${error?.detail ?? ""}`);
  return String((await authority.post(certificate)).body);
}

async function proveNames(
  { authority, thumbprint, answer, signal }: OrderOptions,
  urls: readonly string[],
): Promise<void> {
  const asked = await Promise.all(
    urls.map(async (url) => {
      const authorization = (await authority.post(url)).body as Authorization;
      return {
        url,
        authorization,
        challenge: authorization.challenges.find(({ type }) => type === "http-01"),
      };
    }),
  );
  const open = asked.filter(({ authorization }) => authorization.status === "pending");
  try {
    await answer(
      Object.fromEntries(
        open.map(({ challenge }) => [challenge?.token ?? "", `${challenge?.token}.${thumbprint}`]),
      ),
    );
    for (const { url, authorization, challenge } of open) {
      const name = authorization.identifier.value;
      if (challenge === undefined)
        throw new AcmeError("ERR_ACME_REFUSED", `the authority does not ask for ${name} by http-01`);
      await authority.post(challenge.url, {});
      const { status, challenges } = await poll<Authorization>(
        authority,
        url,
        signal,
        (now) => now.status !== "pending",
      );
      if (status === "valid") continue;
      const detail = challenges.find(({ error }) => error !== undefined)?.error?.detail ?? status;
      throw new AcmeError("ERR_ACME_REFUSED", `${name} was not found to be this gateway's: ${detail}`);
    }
  } finally {
    await answer({});
  }
}

async function poll<State>(
  authority: Authority,
  url: string,
  signal: AbortSignal,
  isOver: (state: State) => boolean,
): Promise<State> {
  for (let count = 0; count < POLLS; count++) {
    const state = (await authority.post(url)).body as State;
    if (isOver(state)) return state;
    await delay(POLL_MS, undefined, { signal });
  }
  throw new AcmeError(
    "ERR_ACME_UNFINISHED",
    `${url} has not come to an end within ${(POLLS * POLL_MS) / 1000} s`,
  );
}
