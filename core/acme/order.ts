import { createPrivateKey } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
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

const problemSchema = z.object({ detail: z.string().optional() }).optional();
/** Others than http-01 may have other members. */
const challengeSchema = z.object({
  type: z.string(),
  url: z.string().default(""),
  token: z.string().default(""),
  error: problemSchema,
});
const authorizationSchema = z.object({
  status: z.string(),
  identifier: z.object({ value: z.string() }),
  challenges: z.array(challengeSchema),
});
const orderSchema = z.object({
  status: z.string(),
  authorizations: z.array(z.string()),
  finalize: z.string(),
  certificate: z.string().optional(),
  error: problemSchema,
});

const POLL_MS = 1_000;
const POLLS = 90;

/** Orders a certificate (RFC 8555, 7.4), shows that the names are this gateway's, and gives the chain in PEM. Rejects with an AcmeError. */
export async function orderCertificate(options: OrderOptions): Promise<string> {
  const { authority, domains, key, signal } = options;
  const identifiers = domains.map((value) => ({ type: "dns", value }));
  const { newOrder } = authority.urls;
  const { body, location = newOrder } = await authority.post(newOrder, { identifiers });
  const { authorizations, finalize } = read(orderSchema, newOrder, body);
  await proveNames(options, authorizations);
  const csr = createSigningRequest(createPrivateKey(key), domains).toString("base64url");
  await authority.post(finalize, { csr });
  const { status, certificate, error } = await poll({
    ...{ authority, signal, url: location, schema: orderSchema },
    isOver: (order) => ["valid", "invalid"].includes(order.status),
  });
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
      const authorization = read(authorizationSchema, url, (await authority.post(url)).body);
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
      const { status, challenges } = await poll({
        ...{ authority, signal, url, schema: authorizationSchema },
        isOver: (now) => now.status !== "pending",
      });
      if (status === "valid") continue;
      const detail = challenges.find(({ error }) => error !== undefined)?.error?.detail ?? status;
      throw new AcmeError("ERR_ACME_REFUSED", `${name} was not found to be this gateway's: ${detail}`);
    }
  } finally {
    await answer({});
  }
}

interface Poll<State> {
  readonly authority: Authority;
  readonly signal: AbortSignal;
  readonly url: string;
  readonly schema: z.ZodType<State>;
  isOver(state: State): boolean;
}

async function poll<State>({ authority, signal, url, schema, isOver }: Poll<State>): Promise<State> {
  for (let count = 0; count < POLLS; count++) {
    const state = read(schema, url, (await authority.post(url)).body);
    if (isOver(state)) return state;
    await delay(POLL_MS, undefined, { signal });
  }
  throw new AcmeError(
    "ERR_ACME_UNFINISHED",
    `${url} has not come to an end within ${(POLLS * POLL_MS) / 1000} s`,
  );
}

function read<State>(schema: z.ZodType<State>, url: string, body: unknown): State {
  const { data, error } = schema.safeParse(body);
  if (data !== undefined) return data;
  const { path, message } = error?.issues[0] ?? { path: [], message: "" };
  throw new AcmeError(
    "ERR_ACME_UNREACHABLE",
    `${url} answers as no authority does: ${[...path, message].join(": ")}`,
  );
}
