import type { X509Certificate } from "node:crypto";

/** The names of a certificate: `DNS:example.org`, `URI:spiffe://…`, `email:…`, `IP Address:…`. */
export function subjectNames({ subjectAltName }: Pick<X509Certificate, "subjectAltName">): string[] {
  // Node quotes, as JSON, a name that could be taken for two.
  const names = subjectAltName?.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return names.map((name) => {
    const [, kind, quoted] = /^\s*([^:]+):(".*")$/s.exec(name) ?? [];
    return quoted === undefined ? name.trim() : `${kind}:${JSON.parse(quoted)}`;
  });
}
