import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { access, readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import type { CertificateConfig, ListenerConfig, TlsConfig } from "../config/index.ts";
import { GatewayError } from "../errors.ts";
import type { TlsMaterial } from "./listener-plan.ts";
import { subjectNames } from "./subject-names.ts";

/** Files that the listener's TLS is made of. */
export function tlsFilesOf({ tls }: ListenerConfig): string[] {
  if (tls === undefined) return [];
  return [
    ...tls.certificates.flatMap(({ cert, key }) => [cert, key]),
    ...(tls.acme === undefined ? [] : [tls.acme.file]),
    ...(tls.ca === undefined ? [] : [tls.ca]),
  ];
}

/**
 * Reads and checks all of it, so that a worker that gets it can use it. Rejects with a GatewayError (`ERR_TLS`) that
 * names the option and the file.
 *
 * @param where the option, such as `listen[0].tls`
 */
export async function readTlsMaterial(tls: TlsConfig, where: string): Promise<TlsMaterial> {
  const given = tls.certificates.map((entry, index) =>
    readCertificate(entry, `${where}.certificates[${index}]`),
  );
  const certificates = await Promise.all([...given, ...(await orderedCertificates(tls, where))]);
  const ca = tls.ca === undefined ? undefined : await readAuthorities(tls.ca, `${where}.ca`);
  try {
    const { ciphers, minVersion, maxVersion } = tls;
    createSecureContext({ ...(ciphers !== undefined && { ciphers }), minVersion, maxVersion });
  } catch (cause) {
    throw tlsError(`${where}.ciphers: OpenSSL does not take ${JSON.stringify(tls.ciphers)}`, cause);
  }
  return { certificates, ...(ca !== undefined && { ca }) };
}

async function readCertificate(
  entry: CertificateConfig,
  where: string,
): Promise<TlsMaterial["certificates"][number]> {
  const cert = await readPem(entry.cert, `${where}.cert`);
  const key = await readPem(entry.key, `${where}.key`);
  const parsed = parseCertificate(cert, `${where}.cert: ${entry.cert}`);
  if (!parsed.checkPrivateKey(parseKey(key, entry, `${where}.key: ${entry.key}`))) {
    throw tlsError(`${where}.key: ${entry.key} is not the private key of ${entry.cert}`);
  }
  const { passphrase } = entry;
  try {
    createSecureContext({ cert, key, ...(passphrase !== undefined && { passphrase }) });
  } catch (cause) {
    throw tlsError(`${where}: OpenSSL takes neither ${entry.cert} nor its key`, cause);
  }
  return {
    cert,
    key,
    ...(passphrase !== undefined && { passphrase }),
    names: entry.names ?? hostNames(parsed),
  };
}

/** Before the first one has come there is none, and nobody is let in. */
async function orderedCertificates({ acme }: TlsConfig, where: string): Promise<TlsMaterial["certificates"]> {
  if (acme === undefined) return [];
  const isThere = await access(acme.file).then(
    () => true,
    () => false,
  );
  if (!isThere) return [];
  const { file, domains } = acme;
  return [await readCertificate({ cert: file, key: file, names: domains }, `${where}.acme`)];
}

async function readAuthorities(file: string, where: string): Promise<string> {
  const ca = await readPem(file, where);
  parseCertificate(ca, `${where}: ${file}`);
  return ca;
}

async function readPem(file: string, where: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw tlsError(
      `${where}: ${file} ${code === "ENOENT" ? "is not there" : `cannot be read: ${message}`}`,
      cause,
    );
  }
}

function parseCertificate(pem: string, where: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw tlsError(`${where} is no certificate in PEM`, cause);
  }
}

function parseKey(pem: string, { passphrase }: CertificateConfig, where: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, ...(passphrase !== undefined && { passphrase }) });
  } catch (cause) {
    if (!/ENCRYPTED/.test(pem)) throw tlsError(`${where} is no private key in PEM`, cause);
    throw tlsError(`${where} is encrypted, and its passphrase is missing or wrong`, cause);
  }
}

/** What clients may ask for by SNI: the DNS names; without any, the subject's common name, as of old. */
function hostNames(certificate: X509Certificate): string[] {
  const names = subjectNames(certificate)
    .filter((name) => name.startsWith("DNS:"))
    .map((name) => name.slice(4));
  const [, commonName] = /^CN=(.+)$/m.exec(certificate.subject) ?? [];
  return (names.length > 0 ? names : commonName === undefined ? [] : [commonName]).map((name) =>
    name.toLowerCase(),
  );
}

function tlsError(message: string, cause?: unknown): GatewayError {
  return new GatewayError("ERR_TLS", message, cause === undefined ? undefined : { cause });
}
