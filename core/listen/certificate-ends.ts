import { X509Certificate } from "node:crypto";
import type { ListenerPlan } from "./listener-plan.ts";

/** From when until when a certificate that is in use holds. */
export interface CertificateEnd {
  /** The first of its names. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly startsAt: number;
  readonly endsAt: number;
}

/** Of all certificates of these listeners; of several with one name the first that ends. */
export function certificateEnds(plans: readonly ListenerPlan[]): readonly CertificateEnd[] {
  const ends = new Map<string, CertificateEnd>();
  for (const { cert, names } of plans.flatMap(({ tls }) => tls?.certificates ?? [])) {
    const [name = ""] = names;
    const { validFrom, validTo } = new X509Certificate(cert);
    const endsAt = Date.parse(validTo);
    const known = ends.get(name);
    if (known !== undefined && known.endsAt <= endsAt) continue;
    ends.set(name, { name, startsAt: Date.parse(validFrom), endsAt });
  }
  return [...ends.values()];
}
