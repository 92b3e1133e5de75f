import { readFile } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import type { AcmeConfig } from "../config/index.ts";
import type { Logger } from "../log.ts";
import { readAccountKey } from "./account-key.ts";
import { openAuthority } from "./authority.ts";
import { requireUsable } from "./certificate-check.ts";
import { makePrivateKey, readAccountFile, readLife, writeCertificate } from "./certificate-folder.ts";
import { AcmeError } from "./errors.ts";
import { mergeAnswers } from "./merged-answers.ts";
import { type ChallengeAnswers, orderCertificate } from "./order.ts";
import { lookDelay, renewalTime, retryDelay } from "./renewal-time.ts";

/** Certificates that are ordered, and renewed before they end. Whoever follows their files sees them come. */
export interface CertificateRenewals {
  /** These and no others. */
  follow(wanted: readonly AcmeConfig[]): void;
  /** What is under way is given up. */
  close(): void;
}

export interface CertificateRenewalsOptions {
  answer(answers: ChallengeAnswers): Promise<void>;
  readonly logger: Logger;
  /** An order that takes longer is given up, and tried again. */
  readonly orderMs?: number;
}

interface Watched {
  readonly acme: AcmeConfig;
  /** When it is wanted no more: what is under way is given up. */
  readonly over: AbortController;
  failures: number;
  timer?: NodeJS.Timeout;
}

/** Whatever the authority does with it meanwhile. */
const ORDER_MS = 10 * 60_000;

export function createCertificateRenewals({
  answer,
  logger,
  orderMs = ORDER_MS,
}: CertificateRenewalsOptions): CertificateRenewals {
  const watched = new Map<string, Watched>();
  const answerFor = mergeAnswers(answer);
  /** By the authority's host: one order after the other there, and nobody waits for another authority. */
  const last = new Map<string, Promise<void>>();

  return {
    follow(wanted) {
      for (const one of watched.values())
        if (!wanted.some((acme) => isDeepStrictEqual(acme, one.acme))) giveUp(one);
      for (const acme of wanted) {
        if (watched.has(acme.file)) continue;
        const one: Watched = { acme, failures: 0, over: new AbortController() };
        watched.set(acme.file, one);
        look(one);
      }
    },
    close() {
      for (const one of watched.values()) giveUp(one);
    },
  };

  function giveUp({ acme, timer, over }: Watched): void {
    over.abort();
    clearTimeout(timer);
    watched.delete(acme.file);
  }

  function look(one: Watched): void {
    const { host } = new URL(one.acme.directory);
    const done = (last.get(host) ?? Promise.resolve())
      .then(() => lookNow(one))
      .finally(() => {
        if (last.get(host) === done) last.delete(host);
      });
    last.set(host, done);
  }

  async function lookNow(one: Watched): Promise<void> {
    const { acme } = one;
    if (watched.get(acme.file) !== one) return;
    const { domains } = acme;
    let waitMs: number;
    try {
      let dueMs = await readDue(acme.file);
      if (dueMs <= 0) {
        await renewInTime(one);
        one.failures = 0;
        logger.info({ domains, file: acme.file }, "certificate renewed");
        dueMs = await readDue(acme.file);
      }
      waitMs = lookDelay(dueMs);
    } catch (error) {
      if (one.over.signal.aborted) return;
      one.failures += 1;
      waitMs = retryDelay(one.failures, Math.random());
      logger.error(
        {
          ...{ domains, directory: acme.directory, code: (error as { readonly code?: string }).code },
          ...{ problem: (error as Error).message, retryInMs: Math.round(waitMs) },
        },
        "certificate not renewed",
      );
    }
    if (watched.get(acme.file) === one) one.timer = setTimeout(() => look(one), waitMs).unref();
  }

  async function renewInTime({ acme, over }: Watched): Promise<void> {
    const deadline = AbortSignal.timeout(orderMs);
    try {
      await renew(acme, AbortSignal.any([deadline, over.signal]));
    } catch (cause) {
      if (!deadline.aborted) throw cause;
      const problem = `the order has not come to an end within ${orderMs / 1000} s`;
      throw new AcmeError("ERR_ACME_UNFINISHED", problem, { cause });
    }
  }

  async function renew(
    { directory, domains, email, folder, file, ca }: AcmeConfig,
    signal: AbortSignal,
  ): Promise<void> {
    const account = readAccountKey(await readAccountFile(folder, directory));
    const authority = await openAuthority({
      ...{ directory, account, signal },
      ...(email !== undefined && { email }),
      ...(ca !== undefined && { ca: await readFile(ca, "utf8") }),
    });
    // A key of its own for each: one that was lost is worth no more than the certificate.
    const key = makePrivateKey();
    const { thumbprint } = account;
    const chain = await orderCertificate({
      ...{ authority, domains, key, thumbprint, signal },
      answer: answerFor(),
    });
    requireUsable({ chain, key, domains }, Date.now());
    await writeCertificate(file, key, chain);
  }
}

/** How long from now; none is due at once. */
async function readDue(file: string): Promise<number> {
  const life = await readLife(file);
  return life === undefined ? 0 : renewalTime(life, Math.random()) - Date.now();
}
