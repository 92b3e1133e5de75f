import { createPublicKey, type KeyObject, sign } from "node:crypto";
import {
  alternativeNames,
  bitString,
  der,
  ecdsaWithSha256,
  extension,
  oid,
  sequence,
  set,
  subjectAltName,
} from "./der.ts";

const extensionRequest = oid("2a864886f70d01090e");
const version = der(0x02, Buffer.of(0));

/** A request for a certificate of these DNS names (PKCS #10, RFC 2986), in DER. The subject is empty: names are what counts (RFC 8555, 7.4). */
export function createSigningRequest(key: KeyObject, names: readonly string[]): Buffer {
  const extensions = sequence(extension(subjectAltName, alternativeNames(names)));
  const attributes = der(0xa0, sequence(extensionRequest, set(extensions)));
  const publicKey = createPublicKey(key).export({ type: "spki", format: "der" });
  const info = sequence(version, sequence(), publicKey, attributes);
  return sequence(info, ecdsaWithSha256, bitString(sign("sha256", info, key)));
}
