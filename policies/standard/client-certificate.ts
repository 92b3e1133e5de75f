import type { ClientCertificate, Upgrade } from "framegate/policy";
import { forbidden } from "./lib/refusals.ts";
import { matchesWildcard } from "./lib/wildcards.ts";

/** Lets in who shows a certificate that the listener's authorities have signed, and that is one of these. */
interface Options {
  readonly subjects?: readonly string[];
  readonly names?: readonly string[];
  readonly issuers?: readonly string[];
  readonly fingerprints?: readonly string[];
  readonly attribute: string;
}

const PATTERNS = { type: "array", minItems: 1, items: { type: "string", minLength: 1 } };

export const optionsSchema = {
  type: "object",
  properties: {
    subjects: {
      ...PATTERNS,
      description: "Common names (CN), one of which the subject must have. `*` is any run of characters.",
    },
    names: {
      ...PATTERNS,
      description:
        "Alternative names with their kind, one of which it must have: `DNS:*.example.org`, `URI:spiffe://example.org/*`.",
    },
    issuers: { ...PATTERNS, description: "Common names of authorities, one of which must have signed it." },
    fingerprints: {
      type: "array",
      minItems: 1,
      items: { type: "string", pattern: "^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$" },
      description: "SHA-256 fingerprints, one of which it must have; hexadecimal, with colons or without.",
    },
    attribute: {
      type: "string",
      minLength: 1,
      default: "certificate",
      description: "The attribute that gets `subject` (the common name), `names` and `fingerprint`.",
    },
  },
  additionalProperties: false,
};

export const upgrade: Upgrade<Options> = ({ client, options, log }) => {
  const { certificate } = client;
  if (certificate?.verified !== true) return forbidden("a client certificate is needed");
  const wrong = findMisfit(certificate, options);
  if (wrong !== undefined) {
    log.info(`a certificate of another ${wrong}`, certificate.subject, certificate.fingerprint256);
    return forbidden("this certificate is not one of those that are let in");
  }
  const { names, fingerprint256: fingerprint } = certificate;
  const [subject = ""] = valuesOf(certificate.subject, "CN");
  return { attributes: { [options.attribute]: { subject, names, fingerprint } } };
};

/** Every option that is given must fit. */
function findMisfit(certificate: ClientCertificate, options: Options): string | undefined {
  const { subjects, names, issuers, fingerprints } = options;
  if (subjects && !fitsAny(subjects, valuesOf(certificate.subject, "CN"))) return "subject";
  if (names && !fitsAny(names, certificate.names)) return "name";
  if (issuers && !fitsAny(issuers, valuesOf(certificate.issuer, "CN"))) return "issuer";
  const own = bareHex(certificate.fingerprint256);
  if (fingerprints && !fingerprints.some((one) => bareHex(one) === own)) return "fingerprint";
  return undefined;
}

function valuesOf(parts: ClientCertificate["subject"], type: string): readonly string[] {
  const value = Object.hasOwn(parts, type) ? parts[type] : undefined;
  return value === undefined ? [] : [value].flat();
}

function fitsAny(wanted: readonly string[], found: readonly string[]): boolean {
  return found.some((text) => wanted.some((pattern) => matchesWildcard(pattern, text)));
}

function bareHex(fingerprint: string): string {
  return fingerprint.replaceAll(":", "").toLowerCase();
}
