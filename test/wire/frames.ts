import fc from "fast-check";
import { FrameScanner, type ScannerRules } from "../../core/wire/frame-scanner.ts";

export interface FrameSpec {
  readonly opcode: number;
  readonly payload?: Uint8Array | string;
  readonly fin?: boolean;
  /** RSV1, RSV2, RSV3 as the three bits 4, 2, 1. */
  readonly rsv?: number;
  /** Masking key; absent for an unmasked frame. */
  readonly key?: number;
}

/** A frame written byte by byte from the drawing in RFC 6455 section 5.2, sharing no code with the encoder. */
export function frame({ opcode, payload = "", fin = true, rsv = 0, key }: FrameSpec): Buffer {
  const body = Buffer.from(payload as string);
  const length = body.length < 126 ? body.length : body.length < 65536 ? 126 : 127;
  const header = [(fin ? 0x80 : 0) | (rsv << 4) | opcode, (key === undefined ? 0 : 0x80) | length];
  if (length === 126) header.push(body.length >> 8, body.length & 255);
  if (length === 127) header.push(0, 0, 0, 0, ...word(body.length));
  if (key === undefined) return Buffer.concat([Buffer.from(header), body]);
  const keyBytes = word(key);
  return Buffer.concat([Buffer.from([...header, ...keyBytes]), naiveMask(body, keyBytes)]);
}

function word(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

export function naiveMask(body: Uint8Array, key: readonly number[], position = 0): Buffer {
  return Buffer.from(body.map((byte, index) => byte ^ (key[(index + position) % 4] ?? 0)));
}

export function closeBody(code: number, reason = ""): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]);
}

export interface ScannedFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly payload: Buffer;
}

/** Scan chunks as a pump does, what was not consumed in front of the next, and unmask what comes out. */
export function scanAll(chunks: readonly Buffer[], rules: Partial<ScannerRules> = {}) {
  const scanner = new FrameScanner({
    masked: false,
    allowRsv1: false,
    maxMessageBytes: Number.MAX_SAFE_INTEGER,
    ...rules,
  });
  const frames: ScannedFrame[] = [];
  let payload = Buffer.alloc(0);
  let chunk = Buffer.alloc(0);
  const sink = {
    onHeader() {
      payload = Buffer.alloc(0);
    },
    onPayload(from: number, to: number) {
      const key = word(scanner.maskKey);
      payload = Buffer.concat([payload, naiveMask(chunk.subarray(from, to), key, scanner.position)]);
    },
    onFrameEnd() {
      frames.push({ opcode: scanner.opcode, fin: scanner.fin, rsv1: scanner.rsv1, payload });
    },
  };
  for (const bytes of chunks) {
    chunk = Buffer.concat([chunk, bytes]);
    chunk = chunk.subarray(scanner.scan(chunk, sink));
  }
  return { frames, fault: scanner.fault, left: chunk.length };
}

/** Cut at the given places, wherever they fall. */
export function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...edges].map((from, index) => bytes.subarray(from, edges[index] ?? bytes.length));
}

/** Each byte by itself. */
export function splitBytes(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (byte) => Buffer.of(byte));
}

export interface SentMessage {
  readonly isText: boolean;
  /** Payload of each fragment. */
  readonly parts: readonly Buffer[];
  /** Pings and pongs in front of each fragment. */
  readonly controls: readonly (readonly { readonly opcode: number; readonly payload: Buffer }[])[];
}

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array));
const lengthEdges = fc.constantFrom(125, 126, 127, 300).map((length) => Buffer.alloc(length, 0x61));
const control = fc.record({ opcode: fc.constantFrom(9, 10), payload: bytes(125) });

/** Any messages: text or binary, fragmented anywhere (also in a character, also into nothing), controls between. */
export const sentMessages: fc.Arbitrary<SentMessage[]> = fc.array(
  fc
    .tuple(
      fc.boolean(),
      fc.oneof(
        { weight: 3, arbitrary: fc.string({ unit: "grapheme", maxLength: 40 }).map(Buffer.from) },
        lengthEdges,
      ),
      bytes(40),
      fc.array(fc.nat(400), { maxLength: 4 }),
      fc.array(fc.array(control, { maxLength: 2 }), { minLength: 5, maxLength: 5 }),
    )
    .map(([isText, text, binary, cuts, controls]) => ({
      isText,
      parts: cut(isText ? text : binary, cuts),
      controls,
    })),
  { maxLength: 5 },
);

/** Their frames, each masked with the next key where keys are given. */
export function framesOf(messages: readonly SentMessage[], nextKey?: () => number): FrameSpec[] {
  const key = () => (nextKey === undefined ? {} : { key: nextKey() });
  return messages.flatMap(({ isText, parts, controls }) =>
    parts.flatMap((payload, index) => [
      ...(controls[index] ?? []).map((spec) => ({ ...spec, ...key() })),
      {
        opcode: index > 0 ? 0 : isText ? 1 : 2,
        payload,
        fin: index === parts.length - 1,
        ...key(),
      },
    ]),
  );
}
