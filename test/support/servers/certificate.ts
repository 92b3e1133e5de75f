import { createPrivateKey, generateKeyPairSync, sign } from "node:crypto";

export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
}

export interface CertificateOptions {
  readonly commonName?: string;
  /** DNS names in place of the address 127.0.0.1. */
  readonly names?: readonly string[];
  /** Who signs it; without, it signs itself. */
  readonly issuer?: TestCertificate & { readonly commonName: string };
}

/**
 * A certificate (RFC 5280), for 127.0.0.1 alone and signed by itself unless asked for otherwise; made on the spot so
 * that no key lies in the repository.
 */
export function createCertificate(options: CertificateOptions = {}): TestCertificate {
  const { commonName = "framegate test", names, issuer } = options;
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));
  const validity = sequence(
    ...["20200101000000Z", "29991231235959Z"].map((at) => der(0x18, Buffer.from(at))),
  );
  const alternatives = names?.map((name) => der(0x82, Buffer.from(name))) ?? [
    der(0x87, Buffer.of(127, 0, 0, 1)),
  ];
  const subjectAltName = sequence(oid("551d11"), der(0x04, sequence(...alternatives)));
  const basicConstraints = sequence(oid("551d13"), der(0x04, sequence(der(0x01, Buffer.of(255)))));
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    ecdsaWithSha256,
    nameOf(issuer?.commonName ?? commonName),
    validity,
    nameOf(commonName),
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(subjectAltName, basicConstraints)),
  );
  const signature = sign("sha256", body, issuer === undefined ? privateKey : createPrivateKey(issuer.key));
  const whole = sequence(body, ecdsaWithSha256, der(0x03, Buffer.concat([Buffer.of(0), signature])));
  return {
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
    cert: `-----BEGIN CERTIFICATE-----\n${whole.toString("base64")}\n-----END CERTIFICATE-----\n`,
  };
}

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(oid("550403"), der(0x0c, Buffer.from(commonName)))));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

function set(...parts: readonly Buffer[]): Buffer {
  return der(0x31, ...parts);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

/** One DER element: tag, length, contents. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const contents = Buffer.concat(parts);
  const { length } = contents;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), contents]);
}
