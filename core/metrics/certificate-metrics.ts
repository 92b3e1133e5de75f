import type { CertificateEnd } from "../listen/certificate-ends.ts";
import { Gauge, type MetricSet } from "./metric-set.ts";

export interface CertificateMetrics {
  /** Of the certificates that are in use now. */
  show(certificates: readonly CertificateEnd[]): void;
}

export function createCertificateMetrics(registers: readonly MetricSet[]): CertificateMetrics {
  const end = new Gauge({
    name: "framegate_certificate_end_timestamp_seconds",
    help: "When a certificate of a listener ends, in seconds since 1970, by its first name.",
    labelNames: ["name"],
    registers,
  });
  return {
    show(certificates) {
      end.reset();
      for (const { name, endsAt } of certificates) end.set({ name }, endsAt / 1000);
    },
  };
}
