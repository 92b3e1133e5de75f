/** DER (ITU-T X.690), as far as certificates and requests for them need it: each gives an element. */

export function sequence(...parts: readonly Buffer[]): Buffer {
  return der(0x30, ...parts);
}

export function set(...parts: readonly Buffer[]): Buffer {
  return der(0x31, ...parts);
}

/** @param hex what the identifier is encoded as */
export function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}

export function bitString(bytes: Buffer): Buffer {
  return der(0x03, Buffer.of(0), bytes);
}

/** @param names DNS names */
export function alternativeNames(names: readonly string[]): Buffer {
  return sequence(...names.map((name) => der(0x82, Buffer.from(name))));
}

/** RFC 5280, 4.1: an extension that is not critical. */
export function extension(id: Buffer, value: Buffer): Buffer {
  return sequence(id, der(0x04, value));
}

export const subjectAltName = oid("551d11");
export const ecdsaWithSha256 = sequence(oid("2a8648ce3d040302"));

/** Tag, length, contents. */
export function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const contents = Buffer.concat(parts);
  const { length } = contents;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), contents]);
}
