import { resolve } from "node:path";
import { z } from "zod";
import { type AcmeConfig, acmeSchema, resolveAcme } from "./acme.ts";
import { choice, reportOption, section, text } from "./schema-parts.ts";
import { secretText } from "./secret-source.ts";

export interface TlsConfig {
  /** May be empty where there is `acme`. */
  readonly certificates: readonly CertificateConfig[];
  readonly acme?: AcmeConfig;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  readonly maxVersion: "TLSv1.2" | "TLSv1.3";
  readonly ciphers?: string;
  readonly clientCertificate: "ignore" | "request" | "require";
  readonly ca?: string;
}

export interface CertificateConfig {
  readonly cert: string;
  readonly key: string;
  readonly passphrase?: string;
  /** In lower case; absent: those in the certificate. */
  readonly names?: readonly string[];
}

const pemFile = text("the path of a PEM file");

const certificateSchema = section(
  "CertificateInput",
  {
    cert: pemFile.describe(
      "PEM file of the certificate, its intermediate ones after it, relative to the config file.",
    ),
    key: pemFile.describe("PEM file of its private key, relative to the config file."),
    passphrase: secretText(text("a passphrase"), "secret")
      .optional()
      .describe("Passphrase of an encrypted key. Default: none."),
    names: z
      .array(
        z
          .string({ error: 'a host name such as "example.org" or "*.example.org"' })
          .regex(/^(\*\.)?[\w-]+(\.[\w-]+)*$/, {
            error: 'a host name such as "example.org" or "*.example.org"',
          }),
        { error: "a list of host names" },
      )
      .min(1, { error: "at least one host name" })
      .optional()
      .describe(
        "Host names that get this certificate, `*.` for any one label. Default: the names in the certificate.",
      ),
  },
  "a certificate such as { cert, key }",
);

export const tlsSchema = section(
  "TlsInput",
  {
    certificates: z
      .array(certificateSchema, { error: "a list of certificates such as [{ cert, key }]" })
      .min(1, { error: "at least one certificate" })
      .optional()
      .describe(
        "The certificates; a client gets the one for the name it asks for (SNI), or else the first. Required without `acme`.",
      ),
    acme: acmeSchema
      .optional()
      .describe("A certificate that the gateway orders and renews itself, by ACME. Default: none."),
    minVersion: choice(["TLSv1.2", "TLSv1.3"]).prefault("TLSv1.2").describe("Oldest TLS version."),
    maxVersion: choice(["TLSv1.2", "TLSv1.3"]).prefault("TLSv1.3").describe("Newest TLS version."),
    ciphers: text('ciphers such as "ECDHE-ECDSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256"')
      .optional()
      .describe("Ciphers in OpenSSL's notation, separated by \":\". Default: Node's."),
    clientCertificate: choice(["ignore", "request", "require"])
      .prefault("ignore")
      .describe("Whether clients are asked for a certificate, and whether one signed by `ca` is a must."),
    ca: pemFile
      .optional()
      .describe(
        "PEM file of the authorities that sign client certificates, relative to the config file. Default: none.",
      ),
  },
  "an object such as { certificates: [{ cert, key }] }",
).superRefine(({ certificates, acme, minVersion, maxVersion, clientCertificate, ca }, context) => {
  if (certificates === undefined && acme === undefined)
    reportOption(
      context,
      "certificates",
      "a list of certificates such as [{ cert, key }], or acme beside it",
    );
  if (minVersion > maxVersion) reportOption(context, "maxVersion", `a version that is not below minVersion`);
  // Without it Node would take the authorities of the public web, who sign certificates for anybody.
  if (clientCertificate !== "ignore" && ca === undefined)
    reportOption(
      context,
      "ca",
      `the path of a PEM file, because clientCertificate is "${clientCertificate}"`,
    );
});

export function resolveTls(parsed: z.output<typeof tlsSchema>, dir: string): TlsConfig {
  const { certificates = [], acme, ca, ciphers, ...others } = parsed;
  return {
    ...others,
    certificates: certificates.map(({ cert, key, passphrase, names }) => ({
      cert: resolve(dir, cert),
      key: resolve(dir, key),
      ...(passphrase !== undefined && { passphrase }),
      ...(names !== undefined && { names: names.map((name) => name.toLowerCase()) }),
    })),
    ...(acme !== undefined && { acme: resolveAcme(acme, dir) }),
    ...(ciphers !== undefined && { ciphers }),
    ...(ca !== undefined && { ca: resolve(dir, ca) }),
  };
}
