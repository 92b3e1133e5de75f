import type { PeerCertificate, TLSSocket } from "node:tls";
import type { ClientCertificate } from "../../sandbox/policy-api.ts";
import { subjectNames } from "../listen/subject-names.ts";

/** What policies see of the certificate that the client showed; null when it showed none, or was not asked. */
export function describeCertificate(socket: TLSSocket): ClientCertificate | null {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return null;
  const { subject, issuer } = certificate.toLegacyObject();
  return {
    verified: socket.authorized,
    subject: copyName(subject),
    issuer: copyName(issuer),
    names: subjectNames(certificate),
    serial: certificate.serialNumber,
    fingerprint256: certificate.fingerprint256,
    validFrom: new Date(certificate.validFrom).toISOString(),
    validTo: new Date(certificate.validTo).toISOString(),
  };
}

/** A copy that has Object's prototype, as everything that goes to the sandbox. */
function copyName(name: PeerCertificate["subject"] | undefined): ClientCertificate["subject"] {
  const parts = Object.entries(name ?? {}) as [string, string | string[]][];
  return Object.fromEntries(parts);
}
