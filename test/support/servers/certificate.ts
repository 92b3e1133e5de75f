import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";
import {
  bitString,
  der,
  ecdsaWithSha256,
  extension,
  oid,
  sequence,
  set,
  subjectAltName,
} from "../../../core/acme/der.ts";

export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface CertificateOptions {
  readonly commonName?: string;
  /** DNS names in place of the address 127.0.0.1. */
  readonly names?: readonly string[];
  /** When it ends; in the far future unless set. */
  readonly until?: string;
  /** Who signs it; without, it signs itself. */
  readonly issuer?: TestCertificate & { readonly commonName: string };
}

/**
 * A certificate (RFC 5280), for 127.0.0.1 alone and signed by itself unless asked for otherwise; made on the spot so
 * that no key lies in the repository.
 */
export function createCertificate(options: CertificateOptions = {}): TestCertificate {
  const { commonName = "framegate test", names, issuer, until = "29991231235959Z" } = options;
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const validity = sequence(...["20200101000000Z", until].map((at) => der(0x18, Buffer.from(at))));
  const alternatives = names?.map((name) => der(0x82, Buffer.from(name))) ?? [
    der(0x87, Buffer.of(127, 0, 0, 1)),
  ];
  const subject = extension(subjectAltName, sequence(...alternatives));
  const basicConstraints = extension(oid("551d13"), sequence(der(0x01, Buffer.of(255))));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    ecdsaWithSha256,
    nameOf(issuer?.commonName ?? commonName),
    validity,
    nameOf(commonName),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(subject, basicConstraints)),
  );
  const signature = sign("sha256", body, issuer === undefined ? privateKey : createPrivateKey(issuer.key));
  const whole = sequence(body, ecdsaWithSha256, bitString(signature));
  return {
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString("base64")}\n-----END CERTIFICATE-----\n`,
  };
}

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(oid("550403"), der(0x0c, Buffer.from(commonName)))));
}
