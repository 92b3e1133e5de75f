import { X509Certificate } from "node:crypto";
import type { ListenerPlan } from "./listener-plan.ts";

/** When a certificate that is in use ends. */
export interface CertificateEnd {
  /** The first of its names. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly endsAt: number;
}

/** Of all certificates of these listeners; of several with one name the first that ends. */
export function certificateEnds(plans: readonly ListenerPlan[]): readonly CertificateEnd[] {
  const ends = new Map<string, number>();
  for (const { cert, names } of plans.flatMap(({ tls }) => tls?.certificates ?? [])) {
    const [name = ""] = names;
    const endsAt = Date.parse(new X509Certificate(cert).validTo);
    ends.set(name, Math.min(endsAt, ends.get(name) ?? endsAt));
  }
  return [...ends].map(([name, endsAt]) => ({ name, endsAt }));
}
