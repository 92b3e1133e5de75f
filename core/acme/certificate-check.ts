import { X509Certificate } from "node:crypto";
import { createSecureContext } from "node:tls";
import { AcmeError } from "./errors.ts";

export interface GivenCertificate {
  /** In PEM, as the authority has given it. */
  readonly chain: string;
  /** In PEM. */
  readonly key: string;
  readonly domains: readonly string[];
}

/** Whether it can stand in for the one that there is. @param now milliseconds since 1970 @throws AcmeError */
export function requireUsable({ chain, key, domains }: GivenCertificate, now: number): void {
  const certificate = parse(chain, key);
  const missing = domains.filter((name) => certificate.checkHost(name) === undefined);
  if (missing.length > 0) throw refused(`it is not for ${missing.join(", ")}`);
  if (Date.parse(certificate.validTo) <= now) throw refused(`it ended ${certificate.validTo}`);
}

function parse(chain: string, key: string): X509Certificate {
  try {
    createSecureContext({ cert: chain, key });
    return new X509Certificate(chain);
  } catch (error) {
    throw refused((error as Error).message);
  }
}

function refused(why: string): AcmeError {
  return new AcmeError("ERR_ACME_REFUSED", `the certificate that the authority gives cannot be used: ${why}`);
}
