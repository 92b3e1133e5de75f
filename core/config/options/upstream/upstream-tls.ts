import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { createSecureContext } from "node:tls";
import type { z } from "zod";
import type { ServerTls } from "../../../../sandbox/index.ts";
import type { ConfigProblem } from "../../errors.ts";
import { choice, flag, reportOption, section, text } from "../schema-parts.ts";

/** All certificates that a system knows are a quarter of that. */
const MAX_PEM_BYTES = 1024 * 1024;

/** As connections to Redis have it too. */
export type UpstreamTlsConfig = ServerTls;

/** Where it stands in a config, and what becomes of its problems. */
export interface TlsPlace {
  /** What relative paths are relative to. */
  readonly dir: string;
  /** Of what has the `tls`. */
  readonly path: string;
  readonly problems: ConfigProblem[];
}

export const upstreamTlsSchema = section(
  "UpstreamTlsInput",
  {
    ca: text("the path of a PEM file")
      .optional()
      .describe("File of the certificates (PEM) that are trusted, in place of the system's."),
    cert: text("the path of a PEM file")
      .optional()
      .describe("File of the client certificate (PEM), with `key`."),
    key: text("the path of a PEM file").optional().describe("File of the client certificate's key (PEM)."),
    servername: text("a host name")
      .optional()
      .describe("Name for SNI and for the check of the certificate, in place of the URL's host."),
    verify: flag().prefault(true).describe("Whether the server's certificate is checked."),
    minVersion: choice(["TLSv1.2", "TLSv1.3"]).prefault("TLSv1.2").describe("Oldest version of TLS."),
    maxVersion: choice(["TLSv1.2", "TLSv1.3"]).prefault("TLSv1.3").describe("Newest version of TLS."),
    ciphers: text("ciphers in OpenSSL's words")
      .optional()
      .describe("Ciphers, in OpenSSL's words, in place of Node's."),
  },
  "an object such as { ca, cert, key }",
).superRefine(({ cert, key, minVersion, maxVersion }, context) => {
  if ((cert === undefined) !== (key === undefined))
    context.addIssue({ code: "custom", message: "both `cert` and `key`, or neither" });
  if (minVersion === "TLSv1.3" && maxVersion === "TLSv1.2")
    reportOption(context, "maxVersion", "a version that is not below minVersion");
});

/** Reads the files, and has OpenSSL look at what they hold, so that a wrong one is found now and not by a client. */
export function readTls(parsed: z.output<typeof upstreamTlsSchema>, place: TlsPlace): UpstreamTlsConfig {
  const { verify, minVersion, maxVersion, servername, ciphers } = parsed;
  const before = place.problems.length;
  const tls: UpstreamTlsConfig = {
    verify,
    minVersion,
    maxVersion,
    ...(servername !== undefined && { servername }),
    ...(ciphers !== undefined && { ciphers }),
    ...(parsed.ca !== undefined && { ca: readPem("ca", parsed.ca) }),
    ...(parsed.cert !== undefined && { cert: readPem("cert", parsed.cert) }),
    ...(parsed.key !== undefined && { key: readPem("key", parsed.key) }),
  };
  const { ca, cert, key } = tls;
  if (place.problems.length > before) return tls;
  if (ca !== undefined) check(() => findCertificates(ca), "ca", "a PEM file of certificates");
  check(() => createSecureContext({ ciphers }), "ciphers", "ciphers that OpenSSL knows");
  check(() => createSecureContext({ cert, key }), "cert", "a PEM certificate and the key that belongs to it");
  return tls;

  function readPem(option: string, file: string): string {
    try {
      const found = statSync(resolve(place.dir, file));
      // A pipe would be waited for, and a device has no end.
      if (!found.isFile() || found.size > MAX_PEM_BYTES)
        throw new Error(`it is no file of at most ${MAX_PEM_BYTES} bytes`);
      return readFileSync(resolve(place.dir, file), "utf8");
    } catch (error) {
      const message = `expected a file that can be read, got ${resolve(place.dir, file)}: ${(error as Error).message}`;
      place.problems.push({ path: `${place.path}.tls.${option}`, message });
      return "";
    }
  }

  function check(look: () => unknown, option: string, expected: string): void {
    try {
      look();
    } catch (error) {
      const message = `expected ${expected}, but OpenSSL says: ${(error as Error).message}`;
      place.problems.push({ path: `${place.path}.tls.${option}`, message });
    }
  }
}

/** A secure context takes a `ca` that holds none without a word. */
function findCertificates(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN [^-]*CERTIFICATE-----[^-]*-----END [^-]*CERTIFICATE-----/g) ?? [pem];
  return blocks.map((block) => new X509Certificate(block));
}
